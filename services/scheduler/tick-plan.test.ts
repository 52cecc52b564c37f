import { expect, test } from 'bun:test';
import { nextTicks } from '@hakiri/manifest/schedule';
import fc from 'fast-check';
import {
  dueTicks,
  EVENT_CHAIN_LIMIT,
  MISSED_TICKS_LIMIT,
  type OpenRun,
  planAbandoned,
  planEvent,
  planTicks,
  scheduleOf,
  type Ticks,
} from './tick-plan.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 4, 4, 12);
const HELD: OpenRun = { id: 'run-1', state: 'running', slot: 'pool:default' };
const ON_TIME = { nowMs: NOON, lateAfterMs: 5_000, activeRun: undefined };

const ticksOf =
  (kind: 'cron' | 'every', expr: string): Ticks =>
  (after, count) =>
    nextTicks({ kind, expr }, after, count);

function plan(ticks: Ticks, dueAtMs: number, nowMs: number, activeRun?: OpenRun) {
  return planTicks(dueTicks(ticks, dueAtMs, nowMs), { nowMs, lateAfterMs: 5_000, activeRun });
}

test('[SC2.1] a tick on time is fired', () => {
  expect(plan(ticksOf('cron', '*/15 * * * *'), NOON, NOON + 3)).toEqual([
    { dueAtMs: NOON, decision: 'fired', reason: 'On time.', count: 1, starts: true },
  ]);
});

test('[SC2.2] a tick whose run before has not ended is skipped, and says which', () => {
  const reasonFor = (run: OpenRun) => {
    const [row] = plan(ticksOf('every', '15m'), NOON, NOON, run);
    expect(row).toMatchObject({ decision: 'skipped', starts: false });
    return row?.reason;
  };
  expect(reasonFor(HELD)).toBe('The run before it, run-1, has not ended.');
  const waiting: OpenRun = { id: 'run-1', state: 'waiting', slot: 'node:mac-mini' };
  const waits = 'The run before it, run-1, still waits for ';
  expect(reasonFor(waiting)).toBe(`${waits}the node mac-mini.`);
  expect(reasonFor({ ...waiting, slot: 'label:gpu:a' })).toBe(`${waits}a node with the label gpu:a.`);
  expect(reasonFor({ ...waiting, slot: 'pool:default' })).toBe(`${waits}a node of the pool default.`);
});

test('[SC2.3] of the ticks missed only the latest is caught up, the others are one row', () => {
  const rows = plan(ticksOf('every', '15m'), NOON, NOON + 50 * MINUTE);
  expect(rows.map(({ dueAtMs, decision, count, starts }) => [dueAtMs, decision, count, starts])).toEqual([
    [NOON, 'dropped', 3, false],
    [NOON + 45 * MINUTE, 'late', 1, true],
  ]);
});

test('[SC2.3] a single missed tick is late', () => {
  expect(plan(ticksOf('cron', '0 12 * * *'), NOON, NOON + 7 * 3_600_000)).toMatchObject([
    { dueAtMs: NOON, decision: 'late', count: 1 },
  ]);
});

test('[SC2.3] counting missed ticks is bounded, and the latest is found all the same', () => {
  const monthMs = 30 * 24 * 3_600_000;
  for (const ticks of [ticksOf('every', '1s'), ticksOf('cron', '* * * * * *')]) {
    const due = dueTicks(ticks, NOON, NOON + monthMs + 500);
    expect(due).toMatchObject({ latestMs: NOON + monthMs, exact: false, nextMs: NOON + monthMs + 1_000 });
    expect(due.count).toBe(MISSED_TICKS_LIMIT);
    const [dropped] = planTicks(due, { ...ON_TIME, nowMs: NOON + monthMs + 500 });
    expect(dropped?.reason).toContain('at least');
  }
});

test('[SC2.3] the count is that of the schedule, whatever the gap', () => {
  const everySeconds = fc.integer({ min: 60, max: 86_400 });
  fc.assert(
    fc.property(everySeconds, fc.integer({ min: 0, max: 86_400_000 }), (seconds, awayMs) => {
      const ticks = ticksOf('every', `${seconds}s`);
      const dueAtMs = ticks(NOON, 1)[0] ?? 0;
      const nowMs = dueAtMs + awayMs;
      const due = dueTicks(ticks, dueAtMs, nowMs);
      expect(due.count).toBe(Math.floor(awayMs / (seconds * 1000)) + 1);
      expect(due.latestMs).toBeLessThanOrEqual(nowMs);
      expect(due.nextMs ?? 0).toBeGreaterThan(nowMs);
    }),
  );
});

test('[SC2.3] a schedule without a further tick ends', () => {
  expect(dueTicks(() => [], NOON, NOON + MINUTE)).toEqual({
    earliestMs: NOON,
    latestMs: NOON,
    count: 1,
    exact: true,
    nextMs: null,
  });
});

test('[SC2.4] ticks due under a schedule that was changed are dropped together, with the reason', () => {
  const due = dueTicks(ticksOf('every', '15m'), NOON, NOON + 20 * MINUTE);
  expect(planAbandoned(due, 'the pipeline was disabled')).toMatchObject({
    dueAtMs: NOON,
    decision: 'dropped',
    count: 2,
    reason: '2 ticks were due when the pipeline was disabled; nothing is backfilled.',
  });
});

test('[SC7.2] an event fires, is late, is skipped, or did not come about', () => {
  const event = { what: 'Run r1 of orders succeeded', atMs: NOON, chain: 1, unmet: undefined };
  expect(planEvent(event, ON_TIME)).toMatchObject({
    decision: 'fired',
    reason: 'Run r1 of orders succeeded.',
  });
  expect(planEvent(event, { ...ON_TIME, nowMs: NOON + MINUTE })).toMatchObject({
    decision: 'late',
    starts: true,
  });
  expect(planEvent(event, { ...ON_TIME, activeRun: HELD })).toMatchObject({
    decision: 'skipped',
    starts: false,
  });
  const failed = { ...event, unmet: 'It waits for success, and run r1 failed.' };
  expect(planEvent(failed, ON_TIME)).toMatchObject({ decision: 'skipped', reason: failed.unmet });
});

test('[SC7.3] a circle of events comes to an end', () => {
  const event = { what: 'Run r1 of orders succeeded', atMs: NOON, unmet: undefined };
  expect(planEvent({ ...event, chain: EVENT_CHAIN_LIMIT }, ON_TIME).decision).toBe('fired');
  expect(planEvent({ ...event, chain: EVENT_CHAIN_LIMIT + 1 }, ON_TIME)).toMatchObject({
    decision: 'dropped',
    starts: false,
  });
});

// Berlin: on 2026-03-29 the clock goes from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00.
const berlin = (expr: string): Ticks => {
  const schedule = scheduleOf({ kind: 'cron', expr, timezone: 'Europe/Berlin' });
  return (after, count) => nextTicks(schedule, after, count);
};

test('[SC1.7] a fixed time that the clock skips fires once, right after the gap', () => {
  const due = dueTicks(berlin('30 2 * * *'), Date.UTC(2026, 2, 28, 1, 30), Date.UTC(2026, 2, 30));
  expect(due).toMatchObject({ count: 2, latestMs: Date.UTC(2026, 2, 29, 1, 0) });
  expect(due.nextMs).toBe(Date.UTC(2026, 2, 30, 0, 30));
});

test('[SC1.7] a fixed time that the clock repeats fires once', () => {
  const due = dueTicks(berlin('30 2 * * *'), Date.UTC(2026, 9, 24, 0, 30), Date.UTC(2026, 9, 26));
  expect(due).toMatchObject({ count: 2, latestMs: Date.UTC(2026, 9, 25, 0, 30) });
});

test('[SC1.7] an hourly schedule follows the wall clock: 23 and 25 ticks on the days of change', () => {
  const ticksOn = (fromMs: number, toMs: number) => dueTicks(berlin('0 * * * *'), fromMs, toMs - 1).count;
  expect(ticksOn(Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 22))).toBe(23);
  expect(ticksOn(Date.UTC(2026, 9, 24, 22), Date.UTC(2026, 9, 25, 23))).toBe(25);
});
