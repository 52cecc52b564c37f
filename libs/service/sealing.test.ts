import { expect, test } from 'bun:test';
import { createSealing, keySecret } from './sealing.ts';

const SECRET = 'a secret of more than thirty-two characters';

test('a sealed secret opens with its secret and for its purpose alone, and says nothing without', () => {
  const sealing = createSealing(SECRET);
  const kept = sealing.seal('the private key', 'key 1');
  expect(kept).not.toContain('private');
  expect(kept).not.toBe(sealing.seal('the private key', 'key 1'));
  expect(sealing.open(kept, 'key 1')).toBe('the private key');
  expect(() => sealing.open(kept, 'key 2')).toThrow('does not open');
  expect(() => createSealing(`${SECRET}!`).open(kept, 'key 1')).toThrow('another key secret');
  expect(() => createSealing(undefined).open(kept, 'key 1')).toThrow('start with the key secret');
  const damaged = `${kept.slice(0, -1)}${kept.endsWith('A') ? 'B' : 'A'}`;
  expect(() => sealing.open(kept.slice(0, 12), 'key 1')).toThrow('does not open');
  expect(() => sealing.open(`sealed1.A${damaged.slice(9)}`, 'key 1')).toThrow('does not open');
});

test('without a secret it is kept as it is, and sealed once there is one', () => {
  const plain = createSealing(undefined).seal('the private key', 'key 1');
  expect(plain).toBe('the private key');
  expect(createSealing(undefined).isPlain(plain)).toBe(false);
  const sealing = createSealing(SECRET);
  expect([sealing.isPlain(plain), sealing.open(plain, 'key 1')]).toEqual([true, 'the private key']);
  expect(sealing.isPlain(sealing.seal(plain, 'key 1'))).toBe(false);
});

test('a secret that could be guessed is refused', () => {
  expect(keySecret({}, 'S')).toBeUndefined();
  expect(keySecret({ S: SECRET }, 'S')).toBe(SECRET);
  expect(() => keySecret({ S: 'short' }, 'S')).toThrow('at least 32');
});
