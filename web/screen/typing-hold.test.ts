import { expect, test } from 'bun:test';
import { typedOn } from './typing-hold.ts';

const letter = (key: string, more: { ctrlKey?: boolean; isComposing?: boolean } = {}) => ({
  ...{ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false },
  ...more,
});

test('[PG8.28] letters, and taking one back, are held; chords, Escape and what is composed are not', () => {
  expect(
    ['a', 'p', 'x', 'Backspace', 'Enter'].reduce((text, key) => typedOn(text, letter(key)) ?? '-', ''),
  ).toBe('ap');
  for (const key of ['Escape', 'Tab', 'ArrowDown']) expect(typedOn('a', letter(key))).toBeUndefined();
  expect(typedOn('a', letter('k', { ctrlKey: true }))).toBeUndefined();
  expect(typedOn('a', letter('k', { isComposing: true }))).toBeUndefined();
});
