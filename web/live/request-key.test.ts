import { expect, test } from 'bun:test';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import { problem } from '@hakiri/contracts/problem';
import { createRequestKey } from './request-key.ts';

test('[PG5.8] what got no answer is asked again under its key; another question, a refused one and one that was given up have a new one', () => {
  const keys = createRequestKey();
  const first = keys.of({ start: 'p1' });
  keys.failed(new Unreachable('no answer'));
  expect(keys.of({ start: 'p1' })).toBe(first);
  const other = keys.of({ start: 'p2' });
  expect(other).not.toBe(first);
  keys.failed(new ApiProblem(problem('conflict', 'It runs.')));
  const again = keys.of({ start: 'p2' });
  expect(again).not.toBe(other);
  keys.forget();
  expect(keys.of({ start: 'p2' })).not.toBe(again);
});
