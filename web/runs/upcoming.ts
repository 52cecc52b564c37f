// The next ticks across all schedules, computed here from what is applied, by the scheduler's own parser.
import type { ScheduleConfig } from '@hakiri/contracts/config';
import type { ScheduleInfo } from '@hakiri/contracts/scheduler';
import { nextTicks } from '@hakiri/manifest/schedule';

export type Tick = { schedule: ScheduleInfo; atMs: number };

/** In order. Whoever has none of the `count` next ticks by its first has none at all: only so many are computed. */
export function upcomingTicks(schedules: readonly ScheduleInfo[], nowMs: number, count: number): Tick[] {
  const first = schedules
    .flatMap((schedule) => {
      const atMs = schedule.nextAt === undefined ? Number.NaN : Date.parse(schedule.nextAt);
      return Number.isNaN(atMs) ? [] : [{ schedule, atMs }];
    })
    .sort(byTime)
    .slice(0, count);
  return first
    .flatMap((tick) => [tick, ...laterTicks(tick, count - 1)])
    .filter(({ atMs }) => atMs >= nowMs)
    .sort(byTime)
    .slice(0, count);
}

function laterTicks({ schedule, atMs }: Tick, count: number): Tick[] {
  const config = configOf(schedule);
  if (config === undefined || count < 1) return [];
  try {
    return nextTicks(config, atMs, count).map((at) => ({ schedule, atMs: at }));
  } catch {
    // A schedule of a newer server that this page cannot read has the one tick that the server said.
    return [];
  }
}

function configOf({ kind, expr, timezone }: ScheduleInfo): ScheduleConfig | undefined {
  if (kind === 'cron') return { kind, expr, ...(timezone === undefined ? {} : { timezone }) };
  if (kind === 'every') return { kind, expr };
  return undefined;
}

function byTime(one: Tick, other: Tick): number {
  return one.atMs - other.atMs || one.schedule.pipeline.localeCompare(other.schedule.pipeline);
}

export function idleSchedules(schedules: readonly ScheduleInfo[]): ScheduleInfo[] {
  return schedules.filter(({ nextAt }) => nextAt === undefined);
}

export function found(schedules: readonly ScheduleInfo[], text: string): readonly ScheduleInfo[] {
  const wanted = text.trim().toLowerCase();
  return wanted === ''
    ? schedules
    : schedules.filter(({ pipeline }) => pipeline.toLowerCase().includes(wanted));
}
