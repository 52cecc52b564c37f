import { expect, test } from 'bun:test';
import { movedCaret, typedInto } from './typed-text.ts';

test('[PG1.2] a caret stays beside the characters it stood between', () => {
  expect(movedCaret('orders', 'my orders', 3)).toBe(6);
  expect(movedCaret('orders', 'orders today', 3)).toBe(3);
  expect(movedCaret('orders', 'ors', 4)).toBe(2);
  expect(movedCaret('orders', '', 4)).toBe(0);
  expect(movedCaret('orders', 'orders', 4)).toBe(4);
});

test('[PG1.2] what is typed into a text that moved on meanwhile leaves in it what others typed', () => {
  expect(typedInto('my orders', 'orders', 'orders!')).toBe('my orders!');
  expect(typedInto('orders of bob', 'orders', 'all orders')).toBe('all orders of bob');
  expect(typedInto('my orders', 'orders', 'oders')).toBe('my oders');
  expect(typedInto('orders', 'orders', '')).toBe('');
  expect(typedInto('', 'orders', 'orders!')).toBe('!');
});
