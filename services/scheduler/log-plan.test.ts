// Which lines of a log are kept: once each, cut, bounded, and errors to the last.
import { expect, test } from 'bun:test';
import {
  LOG_ERRORS_LIMIT,
  LOG_LIMIT_BYTES,
  LOG_LINES_LIMIT,
  LOG_TEXT_LIMIT_CHARS,
  type LogLevel,
} from '@hakiri/contracts/scheduler';
import { EMPTY_LOG, planLog, type SentLine } from './log-plan.ts';

const line = (text: string, level: LogLevel = 'info'): SentLine => ({ atMs: 1, level, step: null, text });
const lines = (count: number, level: LogLevel = 'info'): SentLine[] =>
  Array.from({ length: count }, (_, index) => line(`line ${index}`, level));

test('[SC6.12] of a batch that comes again only what is new is kept; another claim counts anew', () => {
  const first = planLog(EMPTY_LOG, { fence: 1, sequence: 0, lines: lines(3) });
  expect(first.kept.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(planLog(first.head, { fence: 1, sequence: 0, lines: lines(3) })).toEqual({
    head: first.head,
    kept: [],
  });
  const overlap = planLog(first.head, { fence: 1, sequence: 1, lines: [line('b'), line('c'), line('d')] });
  expect(overlap.kept).toMatchObject([{ number: 4, text: 'd', fence: 1 }]);
  expect(planLog(overlap.head, { fence: 1, sequence: 0, lines: [line('a')] }).head).toEqual(overlap.head);
  const next = planLog(overlap.head, { fence: 2, sequence: 0, lines: [line('e')] });
  expect(next.kept).toMatchObject([{ number: 5, fence: 2 }]);
  expect(next.head).toMatchObject({ fence: 2, nextSequence: 1 });
});

test('[SC6.14] a long text is cut and says by how much', () => {
  const [kept] = planLog(EMPTY_LOG, {
    ...{ fence: 1, sequence: 0 },
    lines: [line('x'.repeat(LOG_TEXT_LIMIT_CHARS + 7))],
  }).kept;
  expect(kept?.text).toBe(`${'x'.repeat(LOG_TEXT_LIMIT_CHARS)}… (7 more characters were cut)`);
});

test('[SC6.14] past the lines of a run one line says that the rest is dropped; errors still get in, up to their bound', () => {
  const full = planLog(EMPTY_LOG, { fence: 1, sequence: 0, lines: lines(LOG_LINES_LIMIT + 5) });
  expect(full.kept).toHaveLength(LOG_LINES_LIMIT + 1);
  expect(full.kept.at(-1)).toMatchObject({ level: 'warn', text: expect.stringContaining('The log is full') });
  const more = planLog(full.head, {
    ...{ fence: 2, sequence: 0 },
    lines: [line('dropped'), ...lines(LOG_ERRORS_LIMIT + 5, 'error')],
  });
  expect(more.kept).toHaveLength(LOG_ERRORS_LIMIT);
  expect(new Set(more.kept.map(({ level }) => level))).toEqual(new Set(['error']));
});

test('[SC6.14] past the bytes of a run it is the same, and no later line slips in because it is short', () => {
  const text = 'é'.repeat(LOG_TEXT_LIMIT_CHARS);
  const fit = Math.floor(LOG_LIMIT_BYTES / (2 * LOG_TEXT_LIMIT_CHARS));
  const many = Array.from({ length: fit + 1 }, () => line(text));
  const { head, kept } = planLog(EMPTY_LOG, { fence: 1, sequence: 0, lines: [...many, line('short')] });
  expect(kept).toHaveLength(fit + 1);
  expect(kept.at(-1)?.level).toBe('warn');
  expect(head.sizeBytes).toBeLessThanOrEqual(LOG_LIMIT_BYTES);
});
