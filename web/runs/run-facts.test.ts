// Runs and coming ticks, computed: durations, what a state allows, the next ticks across schedules, what an address asks for.
import { expect, test } from 'bun:test';
import type { RunDetail, ScheduleInfo } from '@hakiri/contracts/scheduler';
import { canCancel, canRetry, durationMs, pollMs, resultText, stepRows } from './run-facts.ts';
import { pipelineSearch, runSearch, upcomingSearch } from './run-search.ts';
import { found, idleSchedules, upcomingTicks } from './upcoming.ts';

const T0 = Date.parse('2026-03-28T00:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

test('[PG5.1] a run that goes on has lasted until now, one that never began has no duration', () => {
  expect(durationMs({ startedAt: iso(T0), finishedAt: iso(T0 + 90_000) }, T0)).toBe(90_000);
  expect(durationMs({ startedAt: iso(T0) }, T0 + 5_000)).toBe(5_000);
  expect(durationMs({ startedAt: iso(T0) }, T0 - 5_000)).toBe(0);
  expect(durationMs({}, T0)).toBeUndefined();
});

test('[PG5.3] what ended badly may be retried, what goes on cancelled, once', () => {
  expect(canRetry({ state: 'failed' })).toBe(true);
  expect(canRetry({ state: 'cancelled' })).toBe(true);
  expect(canRetry({ state: 'succeeded' })).toBe(false);
  expect(canCancel({ state: 'waiting' })).toBe(true);
  expect(canCancel({ state: 'running', cancelRequested: true })).toBe(false);
  expect(canCancel({ state: 'failed' })).toBe(false);
  expect(pollMs([{ state: 'failed' }, { state: 'running' }])).toBeLessThan(pollMs([{ state: 'failed' }]));
});

test('[PG5.1] a step took the time since the one before; a huge result is cut, and it is said by how much', () => {
  const step = (index: number, atMs: number) => ({
    ...{ index, name: `s${index}`, fence: 1, result: {} },
    finishedAt: iso(atMs),
  });
  const run: RunDetail = {
    ...{ id: 'r', pipeline: 'p', key: 'k', revision: 1, cause: 'manual', state: 'running', fence: 1 },
    dueAt: iso(T0),
    startedAt: iso(T0),
    steps: [step(0, T0 + 1_000), step(1, T0 + 4_000)],
  };
  expect(stepRows(run).map(({ tookMs }) => tookMs)).toEqual([1_000, 3_000]);
  expect(resultText({ rows: 3 })).toEqual({ text: '{\n  "rows": 3\n}', more: 0 });
  expect(resultText('x'.repeat(10_000)).more).toBe(6_002);
});

const schedule = (pipeline: string, more: Partial<ScheduleInfo>): ScheduleInfo => ({
  ...{ pipeline, key: pipeline, kind: 'every', expr: '1h', enabled: true },
  ...more,
});

test('[PG5.4] the next ticks across pipelines are in order, by each one’s own zone, through a change of the clock', () => {
  const schedules = [
    schedule('hourly', { nextAt: iso(T0 + 3_600_000) }),
    schedule('paris', {
      ...{ kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Paris' },
      nextAt: '2026-03-28T05:00:00.000Z',
    }),
    schedule('off', { enabled: false }),
    schedule('event', { kind: 'on-event', expr: 'manifest.applied' }),
  ];
  const next = upcomingTicks(schedules, T0, 30);
  expect(next).toHaveLength(30);
  expect(next.map(({ atMs }) => atMs)).toEqual(next.map(({ atMs }) => atMs).sort((a, b) => a - b));
  // On the 29th Paris is an hour ahead of where it was.
  expect(next.filter((tick) => tick.schedule.pipeline === 'paris').map(({ atMs }) => iso(atMs))).toEqual([
    '2026-03-28T05:00:00.000Z',
    '2026-03-29T04:00:00.000Z',
  ]);
  expect(idleSchedules(schedules).map(({ pipeline }) => pipeline)).toEqual(['off', 'event']);
  expect(found(schedules, ' PAR').map(({ pipeline }) => pipeline)).toEqual(['paris']);
});

test('[PG5.4] of ten thousand schedules only those that can be next are computed', () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    schedule(`p${String(index).padStart(5, '0')}`, { nextAt: iso(T0 + index * 1_000) }),
  );
  expect(upcomingTicks(many, T0, 25).map((tick) => tick.schedule.pipeline)).toEqual(
    many.slice(0, 25).map(({ pipeline }) => pipeline),
  );
  expect(upcomingTicks([schedule('odd', { kind: 'cron', expr: 'no', nextAt: iso(T0) })], T0, 3)).toHaveLength(
    1,
  );
});

test('[PG5.1] what an address asks for counts where it makes sense', () => {
  expect(runSearch({ pipeline: 'orders', state: 'failed', after: 'x', more: 1 })).toEqual({
    ...{ pipeline: 'orders', state: 'failed', after: 'x' },
  });
  expect(runSearch({ pipeline: '', state: 'odd', after: 'y'.repeat(300) })).toEqual({});
  expect(pipelineSearch({ pipeline: 42 })).toEqual({ pipeline: '42' });
  expect(upcomingSearch({ find: 'a', count: 50 })).toEqual({ find: 'a', count: 50 });
  expect(upcomingSearch({ count: 7 })).toEqual({});
});
