import { expect, test } from 'bun:test';
import { previewOf, wallTime } from './next-ticks.ts';

const NOW = Date.parse('2026-10-24T12:00:00Z');
const iso = (ticks: readonly number[] | undefined) => ticks?.map((tick) => new Date(tick).toISOString());

test('[PG1.4] a cron schedule is told in words, with the next five times in its zone, over a change of the clock', () => {
  const preview = previewOf({ kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' }, NOW);
  expect(preview?.words).toBe('At 06:00, every day');
  expect(iso(preview?.ticks)).toEqual([
    '2026-10-25T05:00:00.000Z',
    '2026-10-26T05:00:00.000Z',
    '2026-10-27T05:00:00.000Z',
    '2026-10-28T05:00:00.000Z',
    '2026-10-29T05:00:00.000Z',
  ]);
  expect(wallTime(preview?.ticks[0] ?? 0, 'Europe/Berlin', NOW)).toContain('06:00');
});

test('[PG1.4] an interval has times without words, an event has neither, and what is half typed has neither', () => {
  expect(iso(previewOf({ kind: 'every', expr: '6h' }, NOW)?.ticks)?.[0]).toBe('2026-10-24T18:00:00.000Z');
  for (const schedule of [
    { kind: 'on-event', expr: 'manifest.applied' },
    { kind: 'cron', expr: '0 6 *' },
    { kind: 'cron', expr: '0 6 * * *', timezone: 'Nowhere' },
    { kind: 'cron', expr: '0 0 30 2 *' },
    { kind: 'every', expr: '' },
    null,
    7,
  ])
    expect(previewOf(schedule, NOW)).toBeUndefined();
});

test('[PG1.4] a time that may be of another year has its year', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(wallTime(Date.parse('2027-02-23T02:02:00Z'), 'UTC', now)).not.toContain('2027');
  expect(wallTime(Date.parse('2028-02-01T02:02:00Z'), 'UTC', now)).toContain('2028');
});
