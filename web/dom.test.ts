// The one piece of the page's field handling that is arithmetic: where the caret goes when somebody else types.
import { expect, test } from 'bun:test';
import { movedCaret } from './dom.ts';

const cases: [what: string, before: string, after: string, at: number, expected: number][] = [
  ['behind an insertion', 'abc', 'XXabc', 2, 4],
  ['before an insertion', 'abc', 'abcXX', 1, 1],
  ['behind a deletion', 'abcdef', 'abef', 6, 4],
  ['inside a deletion', 'abcdef', 'abef', 3, 2],
  ['in a text that was replaced', 'abc', 'xyz', 3, 3],
  ['in a text that was emptied', 'abc', '', 2, 0],
  ['among equal characters', 'aaa', 'aaaa', 1, 1],
];

for (const [what, before, after, at, expected] of cases) {
  test(`[PL9] a caret ${what} stays beside its characters`, () => {
    expect(movedCaret(before, after, at)).toBe(expected);
  });
}
