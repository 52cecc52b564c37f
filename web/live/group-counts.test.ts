// Counts of groups follow what moves.
import { expect, test } from 'bun:test';
import { watchGroupCounts } from './group-counts.ts';
import { createStore } from './store.ts';

test('[PG1.25] a group counts what is in it and below, as pipelines come, move and go', () => {
  const groups = new Map([
    ['a', 'shop/daily'],
    ['b', 'shop'],
    ['c', ''],
  ]);
  let tell: (keys: readonly string[]) => void = () => {};
  const { counts } = watchGroupCounts({
    order: createStore([...groups.keys()]),
    groupOf: (key) => groups.get(key),
    onChanged(listener) {
      tell = listener;
      return () => {};
    },
  });
  const shown = (): string => [...counts.get()].sort().join(' ');
  expect(shown()).toBe(',3 shop,2 shop/daily,1');
  groups.set('a', 'finance');
  groups.delete('c');
  tell(['a', 'b', 'c']);
  expect(shown()).toBe(',2 finance,1 shop,1');
});
