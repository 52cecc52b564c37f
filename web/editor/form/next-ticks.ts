// A schedule in words and times, as far as it can be read: what is half typed has neither.
import { isRecord } from '@hakiri/base/json';
import { checkSchedule } from '@hakiri/manifest/check-schedule';
import { nextTicks } from '@hakiri/manifest/schedule';
import { cronWords } from '../../live/cron-words.ts';

export type Preview = {
  /** "At 06:00 AM, Monday through Friday"; none for an interval. */
  words?: string;
  zone: string;
  /** The next ones, in ms since 1970. */
  ticks: number[];
};

const TICKS = 5;
const NEAR_MS = 330 * 86_400_000;

export function previewOf(schedule: unknown, nowMs: number): Preview | undefined {
  if (!isRecord(schedule) || checkSchedule(schedule, '').length > 0) return undefined;
  const { kind, expr, timezone } = schedule;
  if (typeof expr !== 'string') return undefined;
  if (kind === 'every') return { zone: 'UTC', ticks: nextTicks({ kind, expr }, nowMs, TICKS) };
  if (kind !== 'cron') return undefined;
  const zone = typeof timezone === 'string' ? timezone : 'UTC';
  const ticks = nextTicks({ kind, expr, timezone: zone }, nowMs, TICKS);
  const words = wordsOf(expr);
  return { ...(words ? { words } : {}), zone, ticks };
}

/** What cron means and has no words is shown by its times. */
function wordsOf(expr: string): string | undefined {
  try {
    const words = cronWords(expr);
    // A time alone does not say on which days.
    return /^At [0-9:]+$/.test(words) ? cronWords(expr, true) : words;
  } catch {
    return undefined;
  }
}

/** As the clock on a wall in `zone` shows it; with its year where the day alone may be of another. */
export function wallTime(ms: number, zone: string | undefined, nowMs: number): string {
  const isNear = ms - nowMs < NEAR_MS;
  return new Intl.DateTimeFormat(undefined, {
    ...(isNear ? {} : { year: 'numeric' as const }),
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: ms % 60_000 === 0 ? undefined : '2-digit',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(ms);
}
