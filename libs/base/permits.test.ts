// So many at once, in order; a place is free again after a failure, and who leaves the queue takes none.
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

test('who leaves is out of the queue, before or while they wait, and what began goes on', async () => {
  const permits = createPermits(1);
  const gate = Promise.withResolvers<void>();
  const [first, second, gone] = [new AbortController(), new AbortController(), new AbortController()];
  const begun: string[] = [];
  const run = (name: string, { signal }: AbortController) =>
    permits.run(async () => {
      begun.push(name);
      await gate.promise;
    }, signal);
  gone.abort(new Error('gone'));
  const holds = run('first', first);
  const leaves = run('second', second);
  const stays = run('third', new AbortController());
  await expect(run('gone', gone)).rejects.toThrow('gone');
  expect(permits.waiting()).toBe(2);
  second.abort(new Error('left'));
  await expect(leaves).rejects.toThrow('left');
  expect(permits.waiting()).toBe(1);
  first.abort();
  gate.resolve();
  await Promise.all([holds, stays]);
  expect(begun).toEqual(['first', 'third']);
});
