import { expect, test } from 'bun:test';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import { problem } from '@hakiri/contracts/problem';
import { news } from './announce.ts';
import { told } from './use-press.ts';

test('[PG8.32] what a press was refused with is told once, and what went well is not', async () => {
  await told(Promise.resolve());
  expect(news.get()).toEqual([]);
  await told(Promise.reject(new ApiProblem(problem('conflict', 'It moved meanwhile.'))));
  await told(Promise.reject(new Unreachable('fetch failed')));
  expect(news.get().map(({ text }) => text)).toEqual([
    'It moved meanwhile.',
    expect.stringContaining('reach'),
  ]);
});
