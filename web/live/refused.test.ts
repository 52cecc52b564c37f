import { expect, test } from 'bun:test';
import { problem } from '@hakiri/contracts/problem';
import { isToTell, newlyRefused } from './refused.ts';

const refused = (id: string, author: string, code: 'document_moved' | 'apply_cancelled', detail: string) => ({
  id,
  author,
  problem: problem(code, detail),
});
const moved = refused('a', 'ada', 'document_moved', 'It was edited.');
const byAuthor = refused('b', 'ada', 'apply_cancelled', 'ada cancelled it.');
const byAdmin = refused('c', 'ada', 'apply_cancelled', 'bob cancelled it.');

test('[PG3.22] of Applies that did not go live those are told that nobody was told of, but not what somebody cancelled themselves', () => {
  expect(newlyRefused(undefined, [moved])).toEqual([]);
  expect(newlyRefused([], [moved, byAuthor, byAdmin]).map(({ id }) => id)).toEqual(['a', 'c']);
  expect(newlyRefused([moved], [byAdmin, moved]).map(({ id }) => id)).toEqual(['c']);
  expect([moved, byAuthor, byAdmin].map(isToTell)).toEqual([true, false, true]);
});
