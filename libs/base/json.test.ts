import { expect, test } from 'bun:test';
import { canonicalJson, isDeeperThan, jsonEqual } from './json.ts';

test('equal values have one text, whatever the order of their keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
    '{"a":true,"b":[1,{"c":"x","d":null}]}',
  );
  expect(jsonEqual({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(jsonEqual({ a: 1 }, { a: 2 })).toBe(false);
  expect(jsonEqual(undefined, null)).toBe(false);
});

test('depth is told without parsing, and brackets in strings do not count', () => {
  expect(isDeeperThan('[[1]]', 2)).toBe(false);
  expect(isDeeperThan('[[1]]', 1)).toBe(true);
  expect(isDeeperThan('{"a":[{"b":1}]}', 2)).toBe(true);
  expect(isDeeperThan('["[[[[", "\\"[[[", {}]', 2)).toBe(false);
  expect(isDeeperThan('[],[],[],[]', 1)).toBe(false);
  expect(isDeeperThan('['.repeat(1_000_000), 64)).toBe(true);
});
