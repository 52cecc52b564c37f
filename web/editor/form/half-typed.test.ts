import { expect, test } from 'bun:test';
import { followed, untouched, whole, written } from './half-typed.ts';

test('[PG1.1] a half-typed group stays, whatever others do to the group meanwhile, and is written when it is left', () => {
  const half = { ...untouched('finance'), typed: 'finance/rep' };
  const moved = followed(half, 'other', true);
  expect(moved).toEqual({ there: 'other', typed: 'finance/rep', cameTo: 'finance' });
  expect(whole(moved)).toBe('finance/rep');
  const left = written(moved, 'finance/rep');
  expect(whole(left)).toBeUndefined();
  expect(followed(left, 'finance/rep', true)).toEqual(untouched('finance/rep'));
});

test('[PG1.1] a field that nobody types into follows, and is not written when it is left', () => {
  const now = followed(untouched('finance'), 'other', true);
  expect(now).toEqual(untouched('other'));
  expect(whole(now)).toBeUndefined();
  expect(whole({ ...now, typed: '' })).toBe('');
});

test('[PG1.1] one that is written letter by letter shows what the document says', () => {
  const now = followed({ ...untouched('UTC'), typed: 'UTCx' }, 'Europe', false);
  expect(now).toEqual({ there: 'Europe', typed: 'Europe', cameTo: 'UTC' });
});
