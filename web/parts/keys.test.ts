import { expect, test } from 'bun:test';
import { isEndOfWord, isEnter } from './keys.ts';

const pressed = (key: string, isComposing = false, keyCode = 0) => ({
  key,
  nativeEvent: { isComposing, keyCode },
});

test('[PG8.24] the Enter that ends what an input method composes adds nothing, in Safari neither', () => {
  expect(isEnter(pressed('Enter'))).toBe(true);
  expect(isEnter(pressed('Enter', true))).toBe(false);
  expect(isEnter(pressed('Enter', false, 229))).toBe(false);
  expect(isEnter(pressed(','))).toBe(false);
});

test('[PG8.24] a comma ends a word as Enter does, unless it is composed', () => {
  expect(['Enter', ',', 'a'].map((key) => isEndOfWord(pressed(key)))).toEqual([true, true, false]);
  expect(['Enter', ','].map((key) => isEndOfWord(pressed(key, true)))).toEqual([false, false]);
});
