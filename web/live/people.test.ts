import { expect, test } from 'bun:test';
import { createColours, initials } from './people.ts';

test('[PG2.22] initials are letters and digits alone', () => {
  const names = ['Bob Baker', 'Carol <b>Clark</b>', '(Dan) "D" Vance', 'Émile 2nd', '李 雷', '…', ''];
  expect(names.map(initials)).toEqual(['BB', 'CB', 'DD', 'É2', '李雷', '?', '?']);
});

test('[PG2.22] eight people have eight colours, each the same for as long as the page is open', () => {
  const colourOf = createColours();
  const people = Array.from({ length: 12 }, (_, index) => `user-${index % 3}-${index}`);
  const first = people.map(colourOf);
  expect(new Set(first.slice(0, 8)).size).toBe(8);
  for (const colour of first) expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(colour);
  expect(people.toReversed().map(colourOf)).toEqual(first.toReversed());
});
