import { expect, test } from 'bun:test';
import { converted, typedAs } from './option-value.ts';

test('[PG1.3] a number that is being typed stays as typed until it is one', () => {
  expect(['3', '3.', '3.5', '', '-', '1e', '007', '3.50'].map((typed) => typedAs('number', typed))).toEqual([
    3,
    '3.',
    3.5,
    '',
    '-',
    '1e',
    '007',
    '3.50',
  ]);
  expect(typedAs('string', '3')).toBe('3');
});

test('[PG1.3] an option becomes another type as far as that goes', () => {
  expect([converted('3', 'number'), converted('x', 'number'), converted(true, 'number')]).toEqual([3, 0, 1]);
  expect([converted(3, 'string'), converted('true', 'boolean'), converted('no', 'boolean')]).toEqual([
    '3',
    true,
    false,
  ]);
});
