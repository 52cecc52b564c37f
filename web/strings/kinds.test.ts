// What a difference comes to, in one line.
import { expect, test } from 'bun:test';
import { kindsWords } from './kinds.ts';

const [added, changed, removed] = [
  { kind: 'added' as const },
  { kind: 'changed' as const },
  { kind: 'removed' as const },
];

test('[PG3.13] what goes live is counted as new, changed and deleted, pipelines and variables apart', () => {
  expect(kindsWords([added, added], [])).toBe('2 pipelines new');
  expect(kindsWords([added, changed, removed, changed], [removed])).toBe(
    '1 pipeline new, 2 changed, 1 deleted; 1 variable deleted',
  );
  expect(kindsWords([], [changed, changed])).toBe('2 variables changed');
  expect(kindsWords([], [])).toBe('nothing');
});
