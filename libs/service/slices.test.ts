// Long work beside others on one event loop.
import { expect, test } from 'bun:test';
import { systemClock } from '@hakiri/substrate/clock';
import { createSlices } from './slices.ts';

const PIECE_MS = 2;
const PIECES = 100;

function* busy(): Generator<undefined, string> {
  for (let piece = 0; piece < PIECES; piece++) {
    for (const until = performance.now() + PIECE_MS; performance.now() < until; );
    yield;
  }
  return 'done';
}

test('[AP4.10] who shares the loop with long work gets a turn after a slice, and the work comes to its end', async () => {
  const slices = createSlices(systemClock);
  let turns = 0;
  let isOver = false;
  const other = (): void => {
    turns += 1;
    if (!isOver) setImmediate(other);
  };
  other();
  const both = await Promise.all([slices.perform(busy()), slices.perform(busy())]);
  isOver = true;
  expect(both).toEqual(['done', 'done']);
  // Without slices there would be two.
  expect(turns).toBeGreaterThan(PIECES / 3);
});
