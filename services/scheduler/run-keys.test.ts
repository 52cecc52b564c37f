// Runs that are asked for again: after no answer, twice at once, under a key of before.
import { expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { applied, problemOf } from './testing/asking.ts';
import { eachWorld } from './testing/each-world.ts';
import { pipeline, type World } from './testing/world.ts';

let world: World;
eachWorld((opened) => {
  world = opened;
});

test('[SC6.16] a run that is asked for again under its key is the one of before, also after it has ended, and once in the audit log', async () => {
  await applied(world, 1, pipeline(1), pipeline(2));
  const ann = world.as('applier', 'ann');
  const start = () => ann.start('p1', { key: 'start-p1' });
  const [{ id }, again] = await Promise.all([start(), start()]);
  expect(again.id).toBe(id);
  await ann.cancel(id);
  expect(await start()).toMatchObject({ id, state: 'cancelled' });
  const { id: retried } = await ann.retry(id, { key: 'retry-p1' });
  await ann.cancel(retried);
  expect(await ann.retry(id, { key: 'retry-p1' })).toMatchObject({ id: retried, state: 'cancelled' });
  expect((await ann.list()).runs.map((run) => run.id).toSorted()).toEqual([id, retried].toSorted());
  await until(() => world.audited.length >= 4);
  expect(world.audited.map(({ action }) => action)).toEqual([
    ...['run.start', 'run.cancel', 'run.retry', 'run.cancel'],
  ]);
});

test('[SC6.16] a key is of who used it and for what; what cannot be one is refused, and what was refused may be asked again', async () => {
  await applied(world, 1, pipeline(1), pipeline(2));
  const [ann, bob] = [world.as('applier', 'ann'), world.as('applier', 'bob')];
  const key = { key: 'the-same-key' };
  const { id } = await ann.start('p1', key);
  expect((await problemOf(ann.start('p2', key))).code).toBe('idempotency_mismatch');
  expect((await problemOf(ann.retry(id, key))).code).toBe('idempotency_mismatch');
  expect((await problemOf(bob.start('p1', key))).code).toBe('conflict');
  await ann.cancel(id);
  expect((await bob.start('p1', key)).id).not.toBe(id);
  expect((await problemOf(ann.start('p2', { key: 'short' }))).code).toBe('malformed');
});
