// The record of who sent what, and when: what is one receipt and what is not.
import { expect, test } from 'bun:test';
import { Receipts } from './receipts.ts';

const OF_SERVER = { peer: '1', user: 'admin' } as const;

test('[SY5.21] what came within a moment is one receipt; what came at another time, also an earlier one, is not', () => {
  const receipts = new Receipts();
  receipts.add({ ...OF_SERVER, start: 0, end: 1, atMs: 10_000 });
  receipts.add({ ...OF_SERVER, start: 1, end: 2, atMs: 10_900 });
  // Asked before the others, and written after them: its document was opened anew meanwhile.
  receipts.add({ ...OF_SERVER, start: 2, end: 4, atMs: 5_000 });
  receipts.add({ ...OF_SERVER, start: 4, end: 5, atMs: 10_950 });
  expect(receipts.all().map(({ start, end, atMs }) => [start, end, atMs])).toEqual([
    [0, 2, 10_000],
    [2, 4, 5_000],
    [4, 5, 10_950],
  ]);
  expect(receipts.of('1', 3)?.atMs).toBe(5_000);
});
