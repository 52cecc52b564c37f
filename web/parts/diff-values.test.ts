import { expect, test } from 'bun:test';
import { fieldLabel, lineDiff, type ShownValue, shownValue } from './diff-values.ts';

for (const [path, label] of [
  ['/schedule/expr', 'Schedule expression'],
  ['/destination/partition_by', 'Partition column'],
  ['/transforms', 'Order of the transforms'],
  ['/transforms/01ARZ3NDEKTSV4RRFFQ69G5FAV/body', 'Transform …5FAV: body'],
  ['/transforms/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'Transform …5FAV'],
  ['/schema/order_id/nullable', 'Column order_id: nullable'],
  ['/schema/a~1b', 'Column a/b'],
  ['/source/delimiter', 'Source delimiter'],
  ['/somebody/else', 'somebody.else'],
  ['', 'All of it'],
] as const)
  test(`[PG3.1] ${path || 'no path'} is called ${label}`, () => expect(fieldLabel(path)).toBe(label));

const cases: [what: string, value: unknown, path: string, shown: ShownValue][] = [
  ['nothing', undefined, '', { kind: 'nothing' }],
  ['null', null, '', { kind: 'nothing' }],
  ['an empty text', '', '', { kind: 'empty' }],
  ['an empty list', [], '/tags', { kind: 'empty' }],
  ['an empty record', {}, '/schema', { kind: 'empty' }],
  ['a switch', false, '/enabled', { kind: 'line', text: 'no' }],
  ['a number', 3, '', { kind: 'line', text: '3' }],
  ['a list', ['daily', 'eu'], '/tags', { kind: 'line', text: 'daily, eu' }],
  ['an order', ['01ARZ3NDEKTSV4RRFFQ69G5FAV'], '/transforms', { kind: 'line', text: '5FAV' }],
  ['a record', { a: 1 }, '', { kind: 'line', text: 'a: 1' }],
  [
    'a step',
    { kind: 'filter', body: 'a\nb\n', inputs: [] },
    '',
    { kind: 'block', text: 'kind: filter\nbody:\n  a\n  b\ninputs: []' },
  ],
  ['a text of two lines', 'a\nb', '', { kind: 'block', text: 'a\nb' }],
  ['a long text', 'x'.repeat(81), '', { kind: 'block', text: 'x'.repeat(81) }],
];
for (const [what, value, path, shown] of cases)
  test(`[PG3.1] ${what} is shown as ${shown.kind}`, () => expect(shownValue(value, path)).toEqual(shown));

test('[PG3.1] texts differ line by line, and what is the same stands once', () => {
  expect(lineDiff('a\nb\nc\n', 'a\nB\nc\n')).toEqual([
    { sign: ' ', text: 'a' },
    { sign: '-', text: 'b' },
    { sign: '+', text: 'B' },
    { sign: ' ', text: 'c' },
  ]);
  expect(lineDiff('', 'new')).toEqual([{ sign: '+', text: 'new' }]);
  expect(lineDiff('a\nb', 'a')).toEqual([
    { sign: ' ', text: 'a' },
    { sign: '-', text: 'b' },
  ]);
  expect(lineDiff('a', 'a\n')).toHaveLength(2);
  expect(lineDiff('same', 'same')).toEqual([{ sign: ' ', text: 'same' }]);
});

test('[PG3.1] texts that differ everywhere are shown one after the other, without a long search', () => {
  const lines = (prefix: string): string =>
    Array.from({ length: 5_000 }, (_, at) => `${prefix}${at}\n`).join('');
  const shown = lineDiff(lines('a'), lines('b'));
  expect(shown).toHaveLength(10_000);
  expect(shown[4_999]).toEqual({ sign: '-', text: 'a4999' });
});
