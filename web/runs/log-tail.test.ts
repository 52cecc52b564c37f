// A log as it grows, what of it is shown, and when its end is followed; durations as bars and figures.
import { expect, test } from 'bun:test';
import type { Run, RunLogLine } from '@hakiri/contracts/scheduler';
import { createDayOf, newDay } from './log-days.ts';
import { createLogTail, foundPieces, logText, shownLines, stillFollows } from './log-tail.ts';
import { durationsOf, nextBar } from './run-durations.ts';

const line = (number: number, text: string, step?: string): RunLogLine => ({
  ...{ number, at: '2026-01-31T14:05:09.000Z', level: 'info', fence: 1, text },
  ...(step === undefined ? {} : { step }),
});

test('[PG5.6] each look asks for what is newer, and what is known stays the very same while nothing came', async () => {
  const answers = [[line(1, 'a', '1. extract'), line(2, 'b')], [], [line(3, 'c', '2. load')]];
  const asked: number[] = [];
  const look = createLogTail(async (after) => {
    asked.push(after);
    return { lines: answers.shift() ?? [], state: 'running' };
  });
  const first = await look();
  const second = await look();
  const third = await look();
  expect(asked).toEqual([0, 2, 2]);
  expect(second.lines).toBe(first.lines);
  expect(third.lines.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  expect(third.steps).toEqual(['1. extract', '2. load']);
});

test('[PG5.6] lines are found by step and words; without either they are the very same', () => {
  const lines = [line(1, 'Reads ORDERS', '1. extract'), line(2, 'reads', '2. load')];
  expect(shownLines(lines, { step: '', find: ' ' })).toBe(lines);
  expect(shownLines(lines, { step: '', find: 'orders' })).toEqual([line(1, 'Reads ORDERS', '1. extract')]);
  expect(shownLines(lines, { step: '2. load', find: 'READS' })).toEqual([line(2, 'reads', '2. load')]);
  expect(foundPieces('Reads orders, ORDERS', 'orders')).toEqual(['Reads ', 'orders', ', ', 'ORDERS', '']);
  expect(foundPieces('İstanbul', 'i')).toEqual(['İstanbul']);
});

test('[PG5.6] as text a line has its time, level and step, and what it broke into is set in', () => {
  expect(logText([line(1, 'a\nb', '1. x'), { ...line(2, 'c'), level: 'warn' }])).toBe(
    '2026-01-31T14:05:09.000Z INFO  [1. x] a\n    b\n2026-01-31T14:05:09.000Z WARN  c\n',
  );
});

test('[PG5.6] the end is followed until somebody goes up, and again from the end', () => {
  const at = (scrollTop: number, scrollHeight = 1_000) => ({ scrollTop, clientHeight: 100, scrollHeight });
  expect(stillFollows(true, 900, at(900))).toBe(true);
  // Lines came, and nobody moved.
  expect(stillFollows(true, 900, at(900, 1_200))).toBe(true);
  expect(stillFollows(true, 900, at(600))).toBe(false);
  expect(stillFollows(false, 600, at(700))).toBe(false);
  expect(stillFollows(false, 700, at(898))).toBe(true);
});

const run = (id: string, state: Run['state'], seconds?: number): Run => ({
  ...{ id, pipeline: 'p', key: 'k', revision: 1, cause: 'schedule', dueAt: '', state, fence: 1 },
  ...(seconds === undefined
    ? {}
    : { startedAt: new Date(0).toISOString(), finishedAt: new Date(seconds * 1_000).toISOString() }),
});

test('[PG5.7] bars go from the oldest to the newest, as parts of the longest; the figures are of what has ended', () => {
  const going = { ...run('d', 'running'), startedAt: new Date(1_000).toISOString() };
  const runs = [going, run('c', 'waiting'), run('b', 'failed', 2), run('a', 'succeeded', 8)];
  const { bars, counts, medianMs, longestMs } = durationsOf(runs, 5_000);
  expect(bars.map(({ run, ms, share }) => [run.id, ms, share])).toEqual([
    ['a', 8_000, 1],
    ['b', 2_000, 0.25],
    ['c', undefined, 0],
    ['d', 4_000, 0.5],
  ]);
  expect(counts.map(({ state, count }) => `${count} ${state}`)).toEqual([
    ...['1 failed', '1 succeeded', '1 running', '1 waiting'],
  ]);
  expect([medianMs, longestMs]).toEqual([2_000, 8_000]);
  expect(durationsOf([], 0)).toEqual({ bars: [], counts: [], medianMs: undefined, longestMs: undefined });
});

test('[PG5.7] arrow keys go from bar to bar and stop at both ends', () => {
  expect(['ArrowLeft', 'ArrowRight', 'Home', 'End', 'a'].map((key) => nextBar(key, 0, 3))).toEqual([
    ...[0, 1, 0, 2, undefined],
  ]);
});

test('[PG5.6] the day stands above the first line of each day, which begins where the reader is', () => {
  const dayOf = createDayOf('Asia/Tokyo');
  const times = ['2026-10-31T14:59:59.999Z', '2026-10-31T15:00:00.000Z', '2026-10-31T23:59:59.000Z'];
  const days = times.map((at, index) => newDay(times[index - 1], at, dayOf));
  expect(days[0]).toMatch(/31.*2026/);
  expect(days[1]).toMatch(/\b1\b.*2026/);
  expect(days[2]).toBeUndefined();
});
