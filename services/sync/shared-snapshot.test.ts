// Keeping the frames of a snapshot: as long as somebody may be told that they are kept.
import { expect, test } from 'bun:test';
import { SharedSnapshot } from './shared-snapshot.ts';

const FRAMES = [Uint8Array.of(1)];

test('[SY3.1] what is shared by joins is kept while somebody joins, and dropped with its number', () => {
  let now = 0;
  const shared = new SharedSnapshot(() => now);
  expect(shared.asked()).toBe(0);
  shared.answered();
  shared.keep(3, FRAMES);
  now = 30_000;
  shared.dropUnused();
  expect(shared.frames(3)).toBe(FRAMES);
  expect(shared.asked()).toBe(0);
  now = 100_000;
  // The host answers that join with the number alone.
  shared.dropUnused();
  expect(shared.frames(3)).toBe(FRAMES);
  shared.answered();
  shared.dropUnused();
  expect(() => shared.frames(3)).toThrow();
  expect(shared.asked()).toBe(3);
});

test('[SY8.2] a document that left memory keeps nothing of it', () => {
  const shared = new SharedSnapshot(() => 0);
  shared.asked();
  shared.answered();
  shared.keep(1, FRAMES);
  shared.drop();
  expect(() => shared.frames(1)).toThrow();
  expect(shared.asked()).toBe(1);
});
