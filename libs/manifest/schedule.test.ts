import { expect, test } from 'bun:test';
import type { ScheduleConfig } from '@hakiri/contracts/config';
import fc from 'fast-check';
import { checkSchedule } from './check-schedule.ts';
import { nextTicks, parseEvery, parseTrigger } from './schedule.ts';

function ticks(schedule: ScheduleConfig, after: string, count: number): string[] {
  return nextTicks(schedule, Date.parse(after), count).map((ms) => new Date(ms).toISOString().slice(0, 16));
}
const berlin = (expr: string): ScheduleConfig => ({ kind: 'cron', expr, timezone: 'Europe/Berlin' });

test('[SC1] cron fires in its time zone, UTC without one', () => {
  expect(ticks({ kind: 'cron', expr: '0 6 * * *' }, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T06:00']);
  expect(ticks(berlin('0 6 * * *'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T05:00']);
});

test('[SC1] when the clock skips an hour, a fixed time fires once at the end of the gap', () => {
  const expected = ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'];
  expect(ticks(berlin('30 2 * * *'), '2026-03-28T00:00:00Z', 3)).toEqual(expected);
});

test('[SC1] when the clock repeats an hour, a fixed time fires once, the first time', () => {
  const expected = ['2026-10-25T00:30', '2026-10-26T01:30'];
  expect(ticks(berlin('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual(expected);
});

test('[SC1] steps and wildcards follow the clock on the wall through both changes', () => {
  const spring = ['2026-03-29T00:30', '2026-03-29T01:00', '2026-03-29T01:30'];
  expect(ticks(berlin('*/30 * * * *'), '2026-03-29T00:15:00Z', 3)).toEqual(spring);
  const skipped = ['2026-03-30T00:00', '2026-03-30T00:30'];
  expect(ticks(berlin('*/30 2 * * *'), '2026-03-28T12:00:00Z', 2)).toEqual(skipped);
  const twice = ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30'];
  expect(ticks(berlin('*/30 2 * * *'), '2026-10-24T12:00:00Z', 4)).toEqual(twice);
});

test('[SC1] an interval fires at multiples of itself since 1970, strictly after the given time', () => {
  expect(nextTicks({ kind: 'every', expr: '15m' }, 900_000, 2)).toEqual([1_800_000, 2_700_000]);
  fc.assert(
    fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 90 }), (afterMs, seconds) => {
      const [first = 0] = nextTicks({ kind: 'every', expr: `${seconds}s` }, afterMs, 1);
      expect(first % (seconds * 1000)).toBe(0);
      expect(first).toBeGreaterThan(afterMs);
      expect(first - afterMs).toBeLessThanOrEqual(seconds * 1000);
    }),
  );
});

test('[SC2] asking again from a tick gives the next one, none twice and none left out', () => {
  for (const schedule of [berlin('*/7 * * * *'), berlin('30 2 * * *'), berlin('0 0 L * *')]) {
    const all = nextTicks(schedule, Date.parse('2026-03-27T00:00:00Z'), 40);
    for (const [index, tick] of all.slice(0, -1).entries()) {
      expect(nextTicks(schedule, tick, 1)).toEqual(all.slice(index + 1, index + 2));
    }
  }
});

test('[SC1] events have no times; their expressions say what they wait for', () => {
  expect(nextTicks({ kind: 'on-event', expr: 'manifest.applied' }, 0, 3)).toEqual([]);
  expect(parseTrigger('manifest.applied')).toEqual({ kind: 'manifest-applied' });
  expect(parseTrigger('pipeline.finished:a')).toEqual({ kind: 'pipeline-finished', id: 'a' });
  for (const expr of ['', 'pipeline.finished:', 'pipeline.failed:a', 'manifest']) {
    expect(parseTrigger(expr)).toBeUndefined();
  }
  expect(parseEvery('1h')).toBe(3_600_000);
  for (const expr of ['', '15', 'm', '-1s', '1.5h', '1w', '9999999999999s'])
    expect(parseEvery(expr)).toBeUndefined();
});

test('[AP2.2] what is wrong with a cron expression is said in our words, not in those of a library’s configuration', () => {
  const said = (expr: string) => checkSchedule({ kind: 'cron', expr }, '')[0]?.message ?? '';
  expect(said(',3 6 * * *')).toContain('(its minute is empty, or has a comma too many)');
  expect(said('a 6 * * *')).toContain('(a is no time)');
  for (const expr of [',3 6 * * *', 'a 6 * * *', '1- 6 * * *', '99 6 * * *'])
    expect(said(expr)).not.toMatch(/configuration|NaN/);
});
