// Keys stay in order through any changes, one at a time or many at once.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { createSortedKeys } from './sorted-keys.ts';

type Item = { key: string; at: number };

test('[PG8.3] keys stay in order through changes, few or many at once', () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const prng = createPrng(seed);
  const some = (key: string): Item => ({ key, at: prng.below(50) });
  const keys = Array.from({ length: 400 }, (_, index) => `k${index}`);
  const all = new Map(keys.map((key) => [key, some(key)]));
  const sorted = createSortedKeys<Item>((a, b) => a.at - b.at, all.values());
  for (let round = 0; round < 40; round++) {
    const changes = Array.from({ length: prng.pick([1, 3, 150]) }, () => {
      const key = prng.pick(keys);
      return [key, prng.next() < 0.3 ? undefined : some(key)] as const;
    });
    sorted.putAll(changes);
    for (const [key, item] of changes)
      if (item) all.set(key, item);
      else all.delete(key);
    const expected = [...all.values()].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    expect(sorted.keys(), `seed ${seed}`).toEqual(expected.map(({ key }) => key));
  }
});

test('[PG8.3] what keeps its place keeps the array', () => {
  const items = Array.from({ length: 200 }, (_, index) => ({ key: `k${index}`, at: index }));
  const sorted = createSortedKeys<Item>((a, b) => a.at - b.at, items);
  const before = sorted.keys();
  sorted.putAll(items.map((item) => [item.key, { ...item }]));
  expect(sorted.keys()).toBe(before);
});
