import { expect, test } from 'bun:test';
import { settledWithin } from './within.ts';

test('says whether the work settled in time, however it settled', async () => {
  expect(await settledWithin(Promise.resolve(), 10_000)).toBe(true);
  expect(await settledWithin(Promise.reject(new Error('no')), 10_000)).toBe(true);
  expect(await settledWithin(new Promise(() => undefined), 1)).toBe(false);
});
