// What becomes of due ticks and of events: fired, skipped, late or dropped, and the sentence that says why. Pure.
// The policy: a tick never overlaps the run before it, and of the ticks missed while the scheduler was away only the
// latest is caught up.
import type { ScheduleConfig } from '@hakiri/contracts/config';
import type { LedgerEntry, RunState } from '@hakiri/contracts/scheduler';
import { slotText } from './placement.ts';

type TickDecision = LedgerEntry['decision'];
/** One row of the ledger to be. `starts` says whether a run comes with it. */
export type TickRow = {
  dueAtMs: number;
  decision: TickDecision;
  reason: string;
  count: number;
  starts: boolean;
};

/** Ticks after `afterMs`, ascending, at most `count`: libs/manifest/schedule.ts, bound to one schedule. */
export type Ticks = (afterMs: number, count: number) => readonly number[];

/** A schedule out of the columns of its row. */
export function scheduleOf(row: {
  kind: ScheduleConfig['kind'];
  expr: string;
  timezone: string | null;
}): ScheduleConfig {
  const { kind, expr, timezone } = row;
  if (kind !== 'cron') return { kind, expr };
  return { kind, expr, ...(timezone === null ? {} : { timezone }) };
}

/** All ticks from `earliestMs` up to now. `exact` is false when there were more than MISSED_TICKS_LIMIT to count. */
type DueTicks = {
  earliestMs: number;
  latestMs: number;
  count: number;
  exact: boolean;
  nextMs: number | null;
};

/** Counting missed ticks costs time for each of them: past this many the ledger says "at least". */
export const MISSED_TICKS_LIMIT = 2_000;
const CHUNK = 100;
const SEARCH_FIRST_MS = 60_000;

/** `dueAtMs` is the tick the schedule waits for, no later than `nowMs`. */
export function dueTicks(ticks: Ticks, dueAtMs: number, nowMs: number): DueTicks {
  const walked = walk(ticks, dueAtMs, nowMs);
  const latestMs =
    walked.nextMs !== null && walked.nextMs <= nowMs ? latestTick(ticks, nowMs) : walked.latestMs;
  return {
    earliestMs: dueAtMs,
    latestMs,
    count: walked.count,
    exact: latestMs === walked.latestMs,
    nextMs: latestMs === walked.latestMs ? walked.nextMs : (ticks(nowMs, 1)[0] ?? null),
  };
}

/** Goes from tick to tick until one lies after `nowMs`, or the limit is reached. */
function walk(ticks: Ticks, fromMs: number, nowMs: number) {
  let latestMs = fromMs;
  let count = 1;
  for (;;) {
    const chunk = ticks(latestMs, CHUNK);
    for (const tick of chunk) {
      if (tick > nowMs || count >= MISSED_TICKS_LIMIT) return { latestMs, count, nextMs: tick };
      latestMs = tick;
      count += 1;
    }
    if (chunk.length < CHUNK) return { latestMs, count, nextMs: null };
  }
}

/** The last tick up to `nowMs`, when there are too many before it: looks back in growing windows. */
function latestTick(ticks: Ticks, nowMs: number): number {
  for (let windowMs = SEARCH_FIRST_MS; ; windowMs *= 4) {
    const first = ticks(nowMs - windowMs, 1)[0];
    if (first !== undefined && first <= nowMs) return walk(ticks, first, nowMs).latestMs;
  }
}

/** The run of a pipeline that has not ended. */
export type OpenRun = { id: string; state: RunState; slot: string };

type TickCircumstances = {
  nowMs: number;
  /** A tick that starts this much after it was due is called late. */
  lateAfterMs: number;
  /** The pipeline's run that has not ended. */
  activeRun: OpenRun | undefined;
};

export function planTicks(due: DueTicks, { nowMs, lateAfterMs, activeRun }: TickCircumstances): TickRow[] {
  const rows: TickRow[] = [];
  if (due.count > 1)
    rows.push({
      dueAtMs: due.earliestMs,
      decision: 'dropped',
      reason: `${counted(due, due.count - 1)} missed while the scheduler was away; only the latest tick is caught up.`,
      count: due.count - 1,
      starts: false,
    });
  const lateMs = nowMs - due.latestMs;
  const row = { dueAtMs: due.latestMs, count: 1 };
  if (activeRun !== undefined)
    rows.push({ ...row, decision: 'skipped', reason: overlap(activeRun), starts: false });
  else if (lateMs > lateAfterMs)
    rows.push({
      ...row,
      decision: 'late',
      reason: `Caught up ${seconds(lateMs)} after it was due.`,
      starts: true,
    });
  else rows.push({ ...row, decision: 'fired', reason: 'On time.', starts: true });
  return rows;
}

/** Ticks that came due under a schedule which was changed, disabled or removed before they could fire. */
export function planAbandoned(due: DueTicks, change: string): TickRow {
  return {
    dueAtMs: due.earliestMs,
    decision: 'dropped',
    reason: `${counted(due, due.count)} due when ${change}; nothing is backfilled.`,
    count: due.count,
    starts: false,
  };
}

/** Runs that started one another through events, without a person or a clock in between: past this it is a circle. */
export const EVENT_CHAIN_LIMIT = 32;

export type Trigger = { what: string; atMs: number; chain: number; unmet: string | undefined };

export function planEvent(trigger: Trigger, { nowMs, lateAfterMs, activeRun }: TickCircumstances): TickRow {
  const row = { dueAtMs: trigger.atMs, count: 1, starts: false };
  if (trigger.unmet !== undefined) return { ...row, decision: 'skipped', reason: trigger.unmet };
  if (trigger.chain > EVENT_CHAIN_LIMIT)
    return {
      ...row,
      decision: 'dropped',
      reason: `${EVENT_CHAIN_LIMIT} runs have started one another: the pipelines' events form a circle. Break it.`,
    };
  if (activeRun !== undefined) return { ...row, decision: 'skipped', reason: overlap(activeRun) };
  const lateMs = nowMs - trigger.atMs;
  if (lateMs > lateAfterMs)
    return {
      ...row,
      decision: 'late',
      reason: `${trigger.what}; caught up ${seconds(lateMs)} later.`,
      starts: true,
    };
  return { ...row, decision: 'fired', reason: `${trigger.what}.`, starts: true };
}

function overlap({ id, state, slot }: OpenRun): string {
  return state === 'waiting'
    ? `The run before it, ${id}, still waits for ${slotText(slot)}.`
    : `The run before it, ${id}, has not ended.`;
}

function counted(due: DueTicks, count: number): string {
  const atLeast = due.exact ? '' : 'at least ';
  return count === 1 ? `${atLeast}1 tick was` : `${atLeast}${count} ticks were`;
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
