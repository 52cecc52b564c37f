import { expect, test } from 'bun:test';
import type { RunState } from '@hakiri/contracts/scheduler';
import { GetPlaces, RunFinished } from '@hakiri/contracts/subjects';
import { until } from '@hakiri/testing/until';
import { applied, claimed, OFFER, problemOf } from './testing/asking.ts';
import { eachWorld } from './testing/each-world.ts';
import { keyOf, narrowed, pipeline, TEAM, tokenFor, type World } from './testing/world.ts';

let world: World;
eachWorld((opened) => {
  world = opened;
});

const stateOf = async (id: string): Promise<RunState> => (await world.as('viewer').show(id)).state;

test('[SC3.1] a run goes on behind its last finished step, under a new claim', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const first = await claimed(world);
  const node = world.as('node', 'n1').node;
  await node.step(id, { fence: first.fence, index: 0, name: 'extract', result: { rows: 7 } });
  const again = await node.claim({ ...OFFER, restarted: true });
  expect(again).toMatchObject({ run: { id }, fence: first.fence + 1 });
  expect(again?.steps).toMatchObject([
    { index: 0, name: 'extract', fence: first.fence, result: { rows: 7 } },
  ]);
});

test('[SC3.2] repeating a step or the end under the same fence changes nothing', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const { fence } = await claimed(world);
  const { node } = world.as('node', 'n1');
  await node.step(id, { fence, index: 0, name: 'extract', result: 'first' });
  await node.step(id, { fence, index: 0, name: 'extract', result: 'second' });
  await node.finish(id, { fence, outcome: 'succeeded' });
  const ended = await node.finish(id, { fence, outcome: 'succeeded' });
  await node.step(id, { fence, index: 0, name: 'extract', result: 'third' });
  expect(ended.state).toBe('succeeded');
  expect((await world.as('viewer').show(id)).steps).toMatchObject([{ result: 'first' }]);
});

test('[SC3.3] a result or a number of steps beyond the limit is refused clearly and not kept', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const { fence } = await claimed(world);
  const { node } = world.as('node', 'n1');
  const huge = await problemOf(
    node.step(id, { fence, index: 0, name: 'extract', result: 'x'.repeat(1024 * 1024) }),
  );
  const many = await problemOf(node.step(id, { fence, index: 1024, name: 'extract', result: null }));
  expect([huge.code, many.code]).toEqual(['too_large', 'too_large']);
  expect(huge.detail).toContain('1048576');
  await node.step(id, { fence, index: 0, name: 'extract', result: 'x'.repeat(1024 * 1024 - 2) });
  expect((await world.as('viewer').show(id)).steps).toHaveLength(1);
});

test('[SC3.4] a step that does not follow the one before is refused', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const { fence } = await claimed(world);
  const gap = await problemOf(
    world.as('node', 'n1').node.step(id, { fence, index: 1, name: 'load', result: {} }),
  );
  expect(gap).toMatchObject({ code: 'conflict', status: 409 });
});

test('[SC4.2] the end of a run is announced, once', async () => {
  await applied(world, 1, pipeline(1));
  const ends: string[] = [];
  await world.deps.messaging.consume(
    RunFinished,
    { durable: 'test', ackWaitMs: 5_000, maxInFlight: 1, from: 'beginning' },
    async ({ data }) => {
      ends.push(`${data.run.pipeline} ${data.run.state}`);
      return { kind: 'ack' };
    },
  );
  const { id } = await world.as('applier').start('p1');
  const { fence } = await claimed(world);
  const { node } = world.as('node', 'n1');
  await node.finish(id, { fence, outcome: 'failed', error: 'no such file' });
  await node.finish(id, { fence, outcome: 'failed', error: 'no such file' });
  const next = await world.as('applier').start('p1');
  await world.as('applier').cancel(next.id);
  await until(() => ends.length >= 2);
  expect(ends).toEqual(['p1 failed', 'p1 cancelled']);
});

test("[SC5.3] an old fence, another's token or another team writes nothing", async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const old = await claimed(world, 'n1');
  const now = await world.as('node', 'n1').node.claim({ ...OFFER, restarted: true });
  const fence = now?.fence ?? 0;
  const { node } = world.as('node', 'n1');
  const step = { index: 0, name: 'extract', result: null };
  for (const attempt of [
    node.step(id, { ...step, fence: old.fence }),
    node.heartbeat(id, old.fence),
    node.finish(id, { fence: old.fence, outcome: 'succeeded' }),
    world.as('node', 'n2').node.step(id, { ...step, fence }),
  ])
    expect(await problemOf(attempt)).toMatchObject({ code: 'stale_claim', status: 409 });
  expect(await world.as('viewer').show(id)).toMatchObject({ state: 'claimed', steps: [] });
});

test('[SC5.5] a waiting node has the run the moment it starts, and nothing when its time is up', async () => {
  await applied(world, 1, pipeline(1), pipeline(2, { placement: { kind: 'node', target: 'elsewhere' } }));
  const { node } = world.as('node', 'n1');
  expect(await node.claim(OFFER)).toBeUndefined();
  const poll = node.claim({ ...OFFER, waitS: 30 });
  await until(async () => (await world.as('viewer').nodes()).nodes.length === 1);
  await world.as('applier').start('p2');
  const { id } = await world.as('applier').start('p1');
  expect((await poll)?.run.id).toBe(id);
});

test('[SC5.5] a poll whose caller is gone takes no run', async () => {
  await applied(world, 1, pipeline(1));
  const gone = new AbortController();
  const { node } = world.as('node', 'n1');
  const poll = node.claim({ ...OFFER, waitS: 30 }, gone.signal).catch(() => 'gone');
  await until(async () => (await world.as('viewer').nodes()).nodes.length === 1);
  gone.abort();
  expect(await poll).toBe('gone');
  const { id } = await world.as('applier').start('p1');
  expect((await claimed(world, 'n2')).run.id).toBe(id);
});

test('[SC5.6] only a node may claim, and a node may do nothing else', async () => {
  await applied(world, 1, pipeline(1));
  expect((await problemOf(world.as('owner').node.claim(OFFER))).code).toBe('denied');
  expect((await problemOf(world.as('node').start('p1'))).code).toBe('denied');
  expect((await problemOf(world.as('node').list())).code).toBe('denied');
  expect((await problemOf(world.clientOf(undefined).list())).code).toBe('unauthenticated');
});

test('[SC5.7] nodes say when they were last seen and what they hold', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  await world.as('node', 'n1').node.claim({ ...OFFER, labels: ['any-mac'] });
  const { nodes } = await world.as('viewer').nodes();
  expect(nodes).toMatchObject([{ name: 'n1', pools: ['default'], labels: ['any-mac'], runs: [id] }]);
});

test("[SC5.9] a team's places are told over the bus, and no other team's", async () => {
  await world.as('node', 'n1').node.claim({ ...OFFER, labels: ['any-mac'] });
  const by = { actor: { kind: 'service', id: 'apply' } } as const;
  const placesOf = (team: string) => world.deps.messaging.request(GetPlaces, { team }, by, {}, 5_000);
  expect(await placesOf(TEAM)).toEqual({
    places: { nodes: ['n1'], pools: ['default'], labels: ['any-mac'] },
  });
  expect(await placesOf('other')).toEqual({ places: { nodes: [], pools: [], labels: [] } });
});

test('[SC6.1] runs are listed newest first, filtered and paged', async () => {
  await applied(world, 1, pipeline(1), pipeline(2), pipeline(3));
  const applier = world.as('applier');
  for (const name of ['p1', 'p2', 'p3']) await applier.start(name);
  const { id } = (await applier.list({ pipeline: keyOf(2) })).runs[0] ?? { id: '' };
  await applier.cancel(id);
  const first = await applier.list({ limit: 2 });
  expect(first.runs.map(({ pipeline }) => pipeline)).toEqual(['p3', 'p2']);
  const rest = await applier.list({ limit: 2, ...(first.next ? { after: first.next } : {}) });
  expect(rest).toMatchObject({ runs: [{ pipeline: 'p1' }] });
  expect(rest.next).toBeUndefined();
  expect((await applier.list({ state: 'cancelled' })).runs.map((run) => run.pipeline)).toEqual(['p2']);
});

test('[SC6.2] a run is started by hand, one at a time, of what is in force', async () => {
  await applied(world, 1, pipeline(1));
  const applier = world.as('applier', 'ann');
  const run = await applier.start('p1');
  expect(run).toMatchObject({ pipeline: 'p1', cause: 'manual', state: 'waiting', revision: 1 });
  const again = await problemOf(applier.start('p1'));
  expect(again.code).toBe('conflict');
  expect(again.detail).toContain(run.id);
  expect((await problemOf(applier.start('p9'))).code).toBe('not_found');
});

test('[SC6.3, SC6.10] a held run is cancelled by telling its node, and says so until then', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const { fence } = await claimed(world);
  const { node } = world.as('node', 'n1');
  expect((await node.heartbeat(id, fence)).cancel).toBe(false);
  expect((await world.as('applier').show(id)).cancelRequested).toBeUndefined();
  expect((await world.as('applier').cancel(id)).state).toBe('running');
  expect((await world.as('applier').show(id)).cancelRequested).toBe(true);
  expect((await node.heartbeat(id, fence)).cancel).toBe(true);
  await node.finish(id, { fence, outcome: 'cancelled' });
  expect((await world.as('applier').show(id)).cancelRequested).toBeUndefined();
  expect(await stateOf(id)).toBe('cancelled');
  expect((await world.as('applier').cancel(id)).state).toBe('cancelled');
});

test('[SC6.4] a failed run is retried with the configuration it had', async () => {
  await applied(world, 1, pipeline(1));
  const applier = world.as('applier');
  const failed = await applier.start('p1');
  expect((await problemOf(applier.retry(failed.id))).code).toBe('conflict');
  const { fence } = await claimed(world);
  await world.as('node', 'n1').node.finish(failed.id, { fence, outcome: 'failed', error: 'no such file' });
  await applied(world, 2, pipeline(1, { source: { kind: 'csv-file', ref: 'other.csv' } }), pipeline(2));
  const retried = await applier.retry(failed.id);
  expect(retried).toMatchObject({ cause: 'retry', dueAt: failed.dueAt, revision: 1, state: 'waiting' });
  expect((await claimed(world)).pipeline.source.ref).toBe('orders.csv');
});

test('[SC6.5] what people do with runs is in the audit log, what was refused too', async () => {
  await applied(world, 1, pipeline(1));
  const ann = world.as('applier', 'ann');
  const { id } = await ann.start('p1');
  await problemOf(ann.start('p1'));
  await ann.cancel(id);
  await ann.retry(id);
  await until(() => world.audited.length >= 4);
  expect(world.audited.map(({ action, outcome, by }) => [action, outcome, by])).toEqual([
    ['run.start', 'done', 'ann'],
    ['run.start', 'refused', 'ann'],
    ['run.cancel', 'done', 'ann'],
    ['run.retry', 'done', 'ann'],
  ]);
});

test('[SC6.5] a viewer may look and not touch', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const viewer = world.as('viewer');
  for (const attempt of [viewer.start('p1'), viewer.cancel(id), viewer.retry(id)])
    expect((await problemOf(attempt)).code).toBe('denied');
  expect(await stateOf(id)).toBe('waiting');
});

test('[SC6.8] a token narrowed to one pipeline sees and starts that one alone', async () => {
  await applied(world, 1, pipeline(1), pipeline(2));
  const other = await world.as('applier').start('p2');
  const client = world.clientOf(narrowed(tokenFor('applier'), ['p1']));
  const { id } = await client.start('p1');
  expect((await client.list({ pipeline: 'p1' })).runs.map((run) => run.id)).toEqual([id]);
  expect((await client.ledger({ pipeline: 'p1' })).entries).toEqual([]);
  for (const attempt of [client.start('p2'), client.cancel(other.id), client.show(other.id), client.list()])
    expect((await problemOf(attempt)).code).toBe('denied');
});

test('[SC6.8] the runs of another team are not there', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const stranger = world.clientOf(tokenFor('owner', 'eve', 'another'));
  for (const attempt of [stranger.show(id), stranger.cancel(id), stranger.start('p1')])
    expect((await problemOf(attempt)).code).toBe('not_found');
  expect((await stranger.list()).runs).toEqual([]);
  const node = world.clientOf(tokenFor('node', 'n1', 'another')).node;
  expect((await problemOf(node.heartbeat(id, 1))).code).toBe('not_found');
  expect(await node.claim(OFFER)).toBeUndefined();
});

test('[SC6.9] who asks for the run of another team learns nothing of it, whatever they may do in their own', async () => {
  await applied(world, 1, pipeline(1));
  const { id } = await world.as('applier').start('p1');
  const viewer = world.clientOf(tokenFor('viewer', 'eve', 'another'));
  const cut = world.clientOf(narrowed(tokenFor('owner', 'eve', 'another'), ['q1']));
  const attempts = [
    () => viewer.cancel(id),
    () => viewer.retry(id),
    () => cut.show(id),
    () => cut.cancel(id),
  ];
  for (const attempt of attempts) {
    const problem = await problemOf(attempt());
    expect([problem.code, problem.detail]).toEqual(['not_found', `There is no run ${id}.`]);
  }
  await world.as('applier').cancel(id);
  await until(() => world.audited.some(({ action }) => action === 'run.cancel'));
  expect(world.audited.map(({ by }) => by)).not.toContain('eve');
});
