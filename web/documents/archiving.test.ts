import { expect, test } from 'bun:test';
import { documents } from '../strings/en-documents.ts';

test('[PG1.32] before a document is put away it is said who is in it, as far as that is known', () => {
  const { inIt } = documents.archiving;
  expect(inIt(['Bob', 'Carol'])).toStartWith('In it right now: Bob, Carol.');
  expect(inIt(['A', 'B', 'C', 'D', 'E', 'F', 'G'])).toStartWith('In it right now: A, B, C, D, E and 2 more.');
  expect(inIt([])).toBe('Nobody else is in it right now.');
  expect(inIt(undefined)).toStartWith('Anyone in it right now');
});
