// A typing error is said at once, not after hours of something else.
import { expect, test } from 'bun:test';
import { refusalOf } from './arguments.ts';

test('a soak takes whole numbers, and nothing else', () => {
  expect(refusalOf([], 2)).toBeUndefined();
  expect(refusalOf(['1', '50'], 2)).toBeUndefined();
  for (const wrong of ['nonsense', '', '0', '-1', '1.5', '1e9', '--rounds', 'NaN'])
    expect(refusalOf([wrong], 2)).toContain('neither a command');
  expect(refusalOf(['1', '2', '3'], 2)).toBe('3 is one argument too many');
});
