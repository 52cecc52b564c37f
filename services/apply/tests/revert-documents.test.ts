// Taking back what was applied over several documents: the Applies of all of them follow, or none; and the key of one that had
// nothing to apply.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { ConfigDraft } from '@hakiri/contracts/config';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import { until } from '@hakiri/testing/until';
import { apply, type Bed, get, openBed, type Running } from '../testing/bed.ts';
import { pipeline } from '../testing/bed-peer.ts';
import { PROTECTED } from '../testing/bed-policy.ts';
import { draft, postRevert, publishAll, tomlOf } from '../testing/bed-writes.ts';

const ALL = { kind: 'all' } as const;
let bed: Bed;
let running: Running;
let applier: string;

beforeEach(async () => {
  bed = await openBed();
  running = await bed.start();
  applier = bed.token('applier', 'alice');
});
afterEach(() => bed.close());

const publish = (content: ConfigDraft, doc?: string) => publishAll(bed, running.url, content, doc);
const revert = (body: RevertBody, { key, token = applier }: { key: string; token?: string }) =>
  postRevert(running.url, body, { token, key });
const body = (label: string) => tomlOf(running.url, applier, label);

const request: RevertBody = { to: 'v3', apply: true };
const states = ({ documents }: RevertResult) => documents.map(({ doc, apply }) => [doc, apply?.state]);

/** v3 is `b` of main and `a` of eu; both are another by v5. */
async function publishTwo(): Promise<void> {
  const from = (number: number, ref: string) => draft([pipeline(number, { source: { kind: 'csv', ref } })]);
  for (const ref of ['a.csv', 'b.csv']) await publish(from(1, ref));
  for (const ref of ['a.csv', 'b.csv']) await publish(from(5, ref), 'eu');
  await publish(from(1, 'c.csv'));
}
async function protect(): Promise<void> {
  const headers = { authorization: `Bearer ${bed.token('owner')}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ version: 0, policy: PROTECTED });
  const saved = await fetch(`${running.url}/v1/manifest/policy`, { method: 'PUT', headers, body });
  expect(saved.status).toBe(200);
}
async function restart(options: Parameters<Bed['start']>[0]): Promise<void> {
  await running.stop();
  running = await bed.start(options);
}

test('[AP9.8] a revert of two documents asks for all Applies or for none: where there is no room for both, its key asks for both again', async () => {
  await publishTwo();
  const open = Promise.withResolvers<void>();
  await restart({
    config: { openRequestsLimit: 2 },
    step: (name) => (name === 'prepared' ? open.promise : undefined),
  });
  // Of what is live already: it holds a place, and changes nothing.
  const version = bed.peer.version();
  const other = await apply(running.url, applier, { scope: ALL, version }, { prefer: 'respond-async' });
  const full = await revert(request, { key: 'revert-key-8' });
  expect([full.status, full.body.code]).toEqual([429, 'rate_limited']);
  open.resolve();
  await until(
    async () =>
      (await get(running.url, applier, `requests/${other.body.id}`).then((r) => r.json())).state ===
      'published',
  );
  const done = await revert(request, { key: 'revert-key-8' });
  expect(states(done.body).toSorted()).toEqual([
    ['eu', 'published'],
    ['main', 'published'],
  ]);
  const live = await (await get(running.url, applier, 'latest')).text();
  expect([live.includes('"c.csv"'), live.match(/[ab]\.csv/g)?.toSorted()]).toEqual([
    false,
    ['a.csv', 'b.csv'],
  ]);
});

test('[AP9.8] nor is one half taken where its Applies have to wait and there are not places for all: its key does all of it when there are', async () => {
  await publishTwo();
  await restart({ config: { waitingRequestsLimit: 2 } });
  await protect();
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const other = await apply(running.url, applier, { scope: ALL, version: bed.peer.version(), at });
  expect(other).toMatchObject({ status: 202, body: { state: 'scheduled' } });
  const full = await revert(request, { key: 'revert-key-12' });
  expect([full.status, full.body.code]).toEqual([429, 'rate_limited']);
  const waiting = await (await get(running.url, applier, 'requests')).json();
  expect(waiting.requests.map(({ id }: { id: string }) => id)).toEqual([other.body.id]);
  const headers = { authorization: `Bearer ${applier}` };
  const cancel = `${running.url}/v1/manifest/requests/${other.body.id}/cancel`;
  expect((await fetch(cancel, { method: 'POST', headers })).status).toBe(200);
  const done = await revert(request, { key: 'revert-key-12' });
  expect(states(done.body).toSorted()).toEqual([
    ['eu', 'awaiting_approval'],
    ['main', 'awaiting_approval'],
  ]);
});

test('[AP9.8] the places where they wait are theirs from the moment that they are in, also before who asked first', async () => {
  await publishTwo();
  const [open, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await restart({
    config: { waitingRequestsLimit: 2 },
    step: (name) => {
      if (name !== 'prepared') return;
      begun.resolve();
      return open.promise;
    },
  });
  await protect();
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const rival = apply(running.url, applier, { scope: ALL, version: bed.peer.version(), at });
  await begun.promise;
  const reverted = revert(request, { key: 'revert-key-13' });
  await until(async () => (await (await get(running.url, applier, 'requests')).json()).requests.length === 3);
  open.resolve();
  expect(await rival).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(states((await reverted).body).toSorted()).toEqual([
    ['eu', 'awaiting_approval'],
    ['main', 'awaiting_approval'],
  ]);
});

test('[AP9.8] one that falls down when its Applies are in is answered whole under its key, and the same again', async () => {
  await publishTwo();
  let isArmed = true;
  await restart({
    step: (name) => {
      if (name !== 'accepted' || !isArmed) return;
      isArmed = false;
      throw new Error('crashed at accepted');
    },
  });
  expect((await revert(request, { key: 'revert-key-9' })).status).toBe(500);
  await restart({});
  const [second, third] = [
    await revert(request, { key: 'revert-key-9' }),
    await revert(request, { key: 'revert-key-9' }),
  ];
  expect(states(second.body).toSorted()).toEqual([
    ['eu', 'published'],
    ['main', 'published'],
  ]);
  expect(second.body.documents.map(({ updates, pipelines }) => [updates, pipelines.length])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(third.body).toEqual(second.body);
  expect(await (await get(running.url, applier, 'latest')).text()).toBe(await body('v3'));
});

test('[AP9.8] one of more documents than a team may have Applies writes nothing, and says so', async () => {
  await publishTwo();
  await restart({ config: { openRequestsLimit: 1 } });
  const versions = ['main', 'eu'].map((doc) => bed.peer.version(doc));
  const refused = await revert(request, { key: 'revert-key-10' });
  expect([refused.status, refused.body.code]).toEqual([413, 'too_large']);
  expect(['main', 'eu'].map((doc) => bed.peer.version(doc))).toEqual(versions);
});

test('[AP9.11] a revert that had nothing to do is answered the same under its key, and does not write over what came after', async () => {
  await publish(draft([pipeline(1)]));
  const request: RevertBody = { to: 'v1', apply: true };
  const first = await revert(request, { key: 'revert-key-11' });
  expect(first.body.documents).toMatchObject([{ updates: 0, pipelines: [] }]);
  expect(first.body.documents[0]?.apply).toBeUndefined();
  const version = bed.peer.edit(draft([pipeline(1, { description: 'an hour of work' })]));
  expect((await revert(request, { key: 'revert-key-11' })).body).toEqual(first.body);
  expect([bed.peer.version(), bed.peer.answered.edit]).toEqual([version, 0]);
  const other = await revert({ ...request, pipelines: ['p-1'] }, { key: 'revert-key-11' });
  expect([other.status, other.body.code]).toEqual([409, 'idempotency_mismatch']);
  // Keys are each author's own.
  const bob = bed.token('applier', 'bob');
  const theirs = await revert(request, { token: bob, key: 'revert-key-11' });
  expect(theirs.body.documents).toMatchObject([{ updates: 1, apply: { state: 'published' } }]);
});
