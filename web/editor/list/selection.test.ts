// What keys and clicks make of a selection.
import { expect, test } from 'bun:test';
import { extendTo, moveBy, NOTHING, retain, type Selection, toggle, toggleAll } from './selection.ts';

const keys = ['a', 'b', 'c', 'd', 'e'];
const at = (cursor: string, ...chosen: string[]): Selection => ({
  chosen: new Set(chosen),
  cursor,
  anchor: cursor,
});
const chosenIn = ({ chosen }: Selection): string => [...chosen].sort().join('');

test('[PG1.22] the cursor begins at an end, moves, and stays within the list', () => {
  expect(moveBy(NOTHING, keys, 1).cursor).toBe('a');
  expect(moveBy(NOTHING, keys, -1).cursor).toBe('e');
  expect(moveBy(at('b'), keys, 1).cursor).toBe('c');
  expect(moveBy(at('d'), keys, 10).cursor).toBe('e');
  expect(moveBy(at('b'), keys, -10).cursor).toBe('a');
  expect(moveBy(NOTHING, [], 1)).toEqual(NOTHING);
});

test('[PG1.22] with Shift the cursor chooses from where it began, there and back', () => {
  const down = moveBy(moveBy(at('b'), keys, 1, true), keys, 1, true);
  expect(chosenIn(down)).toBe('bcd');
  const back = moveBy(moveBy(moveBy(down, keys, -1, true), keys, -1, true), keys, -1, true);
  expect(chosenIn(back)).toBe('ab');
});

test('[PG1.22] a click with Shift chooses all between, besides what was chosen', () => {
  expect(chosenIn(extendTo(toggle(at('b', 'e'), 'b'), keys, 'd'))).toBe('bcde');
  expect(chosenIn(extendTo(at('d'), keys, 'b'))).toBe('bcd');
});

test('[PG1.22] all that is shown is chosen, or nothing', () => {
  const all = toggleAll(at('b', 'b'), keys);
  expect(chosenIn(all)).toBe('abcde');
  expect(chosenIn(toggleAll(all, keys))).toBe('');
});

test('[PG1.22] what is gone is chosen no more, and the cursor stands where it stood', () => {
  const after = ['a', 'c', 'd', 'e'];
  const next = retain(at('b', 'b', 'd'), keys, after, (key) => after.includes(key));
  expect([chosenIn(next), next.cursor]).toEqual(['d', 'c']);
  const same = at('c', 'd');
  expect(retain(same, keys, after, () => true)).toBe(same);
});
