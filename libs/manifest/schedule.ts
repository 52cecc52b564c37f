// When a schedule is due. Used by validation and by the scheduler, so that what was accepted is what fires.
//
// cron: five fields, or six with seconds first, in the schedule's IANA time zone (UTC without one). On a change of daylight saving
// time, a time of one minute and one hour (`30 2 * * *`) fires exactly once that day: at the first instant after the gap when
// the clock skips it, at the first of the two when the clock repeats it. Anything with a list, a step or a wildcard in minute or hour
// follows the clock on the wall: skipped in the gap, fired twice in the repeated hour.
// every: at whole multiples of the interval since 1970-01-01T00:00:00Z, whoever computes it and whenever it started.
import type { ScheduleConfig } from '@hakiri/contracts/config';
import { Cron } from 'croner';

export const EVERY_MIN_MS = 1000;
export const EVERY_MAX_MS = 366 * 24 * 60 * 60 * 1000;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The first `count` times after `afterMs` (milliseconds since 1970), in order. Events have no times. @throws on a bad cron. */
export function nextTicks(schedule: ScheduleConfig, afterMs: number, count: number): number[] {
  if (schedule.kind === 'on-event') return [];
  if (schedule.kind === 'cron') {
    return openCron(schedule)
      .nextRuns(count, new Date(afterMs))
      .map((date) => date.getTime());
  }
  const everyMs = parseEvery(schedule.expr);
  if (everyMs === undefined || everyMs === 0) return [];
  const first = (Math.floor(afterMs / everyMs) + 1) * everyMs;
  return Array.from({ length: count }, (_, index) => first + index * everyMs);
}

/** @throws Error with the reason when it is no cron expression, or the time zone is unknown. */
export function openCron(schedule: { expr: string; timezone?: string | undefined }): Cron {
  return new Cron(schedule.expr, {
    mode: '5-or-6-parts',
    paused: true,
    timezone: schedule.timezone ?? 'UTC',
  });
}

/** `15m` in milliseconds; undefined when it is not an interval. */
export function parseEvery(expr: string): number | undefined {
  const parts = /^([0-9]{1,12})(ms|s|m|h|d)$/.exec(expr);
  const unitMs = UNIT_MS[parts?.[2] ?? ''];
  return parts === null || unitMs === undefined ? undefined : Number(parts[1]) * unitMs;
}

/** What an on-event schedule waits for. */
export type Trigger = { kind: 'manifest-applied' } | { kind: 'pipeline-finished'; id: string };

const FINISHED = 'pipeline.finished:';

export function parseTrigger(expr: string): Trigger | undefined {
  if (expr === 'manifest.applied') return { kind: 'manifest-applied' };
  if (!expr.startsWith(FINISHED) || expr.length === FINISHED.length) return undefined;
  return { kind: 'pipeline-finished', id: expr.slice(FINISHED.length) };
}
