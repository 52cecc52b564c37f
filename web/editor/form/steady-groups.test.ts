// What stays the object that it was.
import { expect, test } from 'bun:test';
import { steadyGroups } from './steady-groups.ts';

test('[PG8.3] of the fields of a form, those with something else in them alone are another', () => {
  const before = new Map([
    ['name', [{ message: 'too long' }]],
    ['id', [{ message: 'taken' }]],
  ]);
  const same = new Map([
    ['name', [{ message: 'too long' }]],
    ['id', [{ message: 'taken' }]],
  ]);
  expect(steadyGroups(before, same)).toBe(before);
  const after = steadyGroups(
    before,
    new Map([
      ['name', [{ message: 'too long' }]],
      ['id', []],
      ['tags', [{ message: 'no set' }]],
    ]),
  );
  expect(after.get('name')).toBe(before.get('name'));
  expect(after.get('id')).toEqual([]);
  expect(after.get('tags')).toEqual([{ message: 'no set' }]);
  expect(steadyGroups(before, new Map([['name', [{ message: 'too long' }]]])).has('id')).toBe(false);
});
