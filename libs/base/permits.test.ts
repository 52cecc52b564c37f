// So many at once, in order, and a place is free again after a failure.
import { expect, test } from 'bun:test';
import { createPermits } from './permits.ts';

test('no more than the limit run at once, others in order of arrival, past one that fails', async () => {
  const permits = createPermits(2);
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const runs = gates.map((gate, index) =>
    permits.run(async () => {
      begun.push(index);
      await gate.promise;
    }),
  );
  await Promise.resolve();
  expect([begun, permits.waiting()]).toEqual([[0, 1], 2]);
  gates[1]?.reject(new Error('no'));
  await expect(runs[1]).rejects.toThrow('no');
  await Promise.resolve();
  expect([begun, permits.waiting()]).toEqual([[0, 1, 2], 1]);
  gates[0]?.resolve();
  await runs[0];
  for (const gate of gates) gate.resolve();
  await Promise.all([runs[2], runs[3]]);
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(await permits.run(() => 'free')).toBe('free');
});
