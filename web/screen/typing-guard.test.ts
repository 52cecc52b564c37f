import { expect, test } from 'bun:test';
import { createTypingGuard, isTypingKey, PAUSE_MS } from './typing-guard.ts';

const gone = { isThere: () => false };

test('[PG2.30] what is typed on when the field is gone is stray, however long it goes on without a pause', () => {
  const guard = createTypingGuard();
  guard.typed(gone, 0);
  for (let at = 500; at < 4 * PAUSE_MS; at += 500) expect(guard.isStray(at)).toBe(true);
});

test('[PG2.30] a pause or a deliberate act ends it', () => {
  const guard = createTypingGuard();
  guard.typed(gone, 0);
  expect(guard.isStray(PAUSE_MS)).toBe(false);
  guard.typed(gone, 0);
  guard.acted();
  expect(guard.isStray(1)).toBe(false);
});

test('[PG2.30] a key after the field was left, and is there still, is meant', () => {
  let isThere = true;
  const guard = createTypingGuard();
  guard.typed({ isThere: () => isThere }, 0);
  expect(guard.isStray(1)).toBe(false);
  isThere = false;
  expect(guard.isStray(2)).toBe(false);
});

test('[PG2.30] letters, Space, Enter and Delete are held back, arrows and chords are not', () => {
  const key = (name: string, ctrlKey = false) => isTypingKey({ key: name, ctrlKey, metaKey: false });
  expect(['e', ' ', '/', 'Enter', 'Backspace', 'Delete'].every((name) => key(name))).toBe(true);
  expect(['ArrowDown', 'Tab', 'Escape', 'F5'].some((name) => key(name))).toBe(false);
  expect(key('k', true)).toBe(false);
});
