// When what an Apply changes would fire: the next ticks of each pipeline whose schedule is new or another, by the scheduler's own parser.
import type { ManifestDiff, UpcomingTicks } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { nextTicks } from './schedule.ts';

const TICKS = 5;
/** Pipelines that are told of; a huge Apply is not read tick by tick. */
export const UPCOMING_LIMIT = 100;

/** By id. Pipelines that are switched off or wait for an event have none. */
export function upcomingTicks(
  { pipelines }: ManifestConfig,
  changes: ManifestDiff['pipelines'],
  afterMs: number,
): UpcomingTicks[] {
  const keys = new Set(changes.flatMap((change) => (isReset(change) ? change.key : [])));
  if (keys.size === 0) return [];
  return pipelines
    .filter(({ key, enabled, schedule }) => keys.has(key) && enabled && schedule.kind !== 'on-event')
    .slice(0, UPCOMING_LIMIT)
    .map(({ id, schedule }) => ({
      pipeline: id,
      timezone: schedule.kind === 'cron' ? (schedule.timezone ?? 'UTC') : 'UTC',
      next: nextTicks(schedule, afterMs, TICKS).map((tick) => new Date(tick).toISOString()),
    }));
}

function isReset(change: ManifestDiff['pipelines'][number]): boolean {
  if (change.kind === 'added') return true;
  return (
    change.kind === 'changed' &&
    change.fields.some(({ path }) => path.startsWith('/schedule') || path === '/enabled')
  );
}
