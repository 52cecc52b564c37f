import { expect, test } from 'bun:test';
import { placeAfter } from './use-removal-focus.ts';

test('[PG8.12] after a removal the next one has the focus, else the one before, else what adds one', () => {
  expect(placeAfter(0, 2)).toBe(0);
  expect(placeAfter(1, 2)).toBe(1);
  expect(placeAfter(2, 2)).toBe(1);
  expect(placeAfter(0, 0)).toBeUndefined();
});
