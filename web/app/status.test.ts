import { expect, test } from 'bun:test';
import { shown } from './status-words.ts';

test('[PG2.8] what is not sent is said in the word itself, and why', () => {
  const told = shown({ kind: 'read_only', unsaved: 3, kept: true });
  expect(told).toMatchObject({ tone: 'warn', word: 'Read only, 3 unsent' });
  expect(told.why).toContain('3 edits of yours were not sent');
  expect(shown({ kind: 'read_only', unsaved: 0, kept: true })).toEqual({
    word: 'Read only',
    why: 'Your role can read this document but not edit it.',
  });
});

test('[PG2.8] an archived document is called so, not a matter of the role', () => {
  const told = shown({ kind: 'read_only', unsaved: 0, kept: true }, 'Lab');
  expect(told).toEqual({ word: 'Archived', why: 'Lab is archived: it can be read, not edited.' });
  expect(shown({ kind: 'read_only', unsaved: 2, kept: true }, 'Lab').word).toBe('Archived, 2 unsent');
});
