// Times of a policy: what a span covers, when the next one begins, and what an author means by `at`. Recurring spans begin where a
// schedule with the same expression would fire (libs/manifest/schedule.ts), so daylight saving is read in one way everywhere.
import type { TimeSpan } from '@hakiri/contracts/policy';
import { nextTicks } from '@hakiri/manifest/schedule';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const TICKS_LIMIT = 8;

/** Of RFC 3339, with its offset from UTC. */
const INSTANT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const LOCAL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;

/** Undefined when it is no instant, 30 February among them. */
export function parseInstant(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  return Date.parse(text);
}

/**
 * With an offset or `Z` that instant; without, that time on the clock of `timezone`: in the hour that the clock repeats the first
 * of the two, in the one it skips the first instant after, as a schedule of that minute would. Undefined when it is no time.
 */
export function parseAt(text: string, timezone: string | undefined): number | undefined {
  const instant = parseInstant(text);
  if (instant !== undefined) return timezone === undefined ? instant : undefined;
  const [, year, month, day, hour, minute, second = '00'] = LOCAL.exec(text) ?? [];
  const asUtc = parseInstant(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (asUtc === undefined || year === undefined) return undefined;
  const expr = [second, minute, hour, day, month, '*']
    .map((field) => field?.replace(/^0(?=\d)/, ''))
    .join(' ');
  try {
    // No clock is more than a day away from UTC.
    const [at] = nextTicks(scheduleOf({ cron: expr, timezone }), asUtc - DAY_MS - 1, 1);
    return at !== undefined && at <= asUtc + DAY_MS ? at : undefined;
  } catch {
    return undefined;
  }
}

/** Until when the span goes on from `nowMs`; undefined when it does not cover it. Ends are not part of it. */
export function coveredUntil(span: TimeSpan, nowMs: number): number | undefined {
  if (span.kind === 'between') {
    const [from, until] = [parseInstant(span.from), parseInstant(span.until)];
    return from !== undefined && until !== undefined && from <= nowMs && nowMs < until ? until : undefined;
  }
  const lastsMs = span.minutes * MINUTE_MS;
  const began = nextTicks(scheduleOf(span), nowMs - lastsMs, TICKS_LIMIT).filter((tick) => tick <= nowMs);
  // One that begins again before it ends goes on: past TICKS_LIMIT that is found by asking again at the end of what is known.
  const last = began.at(-1);
  return last === undefined ? undefined : last + lastsMs;
}

/** When it next begins after `nowMs`; undefined when never. */
export function nextBeginning(span: TimeSpan, nowMs: number): number | undefined {
  if (span.kind === 'recurring') return nextTicks(scheduleOf(span), nowMs, 1)[0];
  const from = parseInstant(span.from);
  return from !== undefined && from > nowMs ? from : undefined;
}

function scheduleOf({ cron, timezone }: { cron: string; timezone?: string | undefined }) {
  return { kind: 'cron' as const, expr: cron, ...(timezone === undefined ? {} : { timezone }) };
}
