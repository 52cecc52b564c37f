// Taking back, with sync as it is: after the history was compacted, and into documents that take no edits.
import { afterEach, expect, test } from 'bun:test';
import type { ApplyStatus } from '@hakiri/contracts/apply';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { SyncConfig } from '@hakiri/sync/config';
import { HISTORY_POLICY } from '@hakiri/sync/history/archives';
import { until } from '@hakiri/testing/until';
import { openPendingWorld, type PendingWorld } from './pending-world.ts';

/** History is compacted whenever a revision was applied and nobody touches the document, and of what was before the last one is kept. */
const COMPACTING: Partial<SyncConfig> = {
  sleepMs: 30,
  history: { ...HISTORY_POLICY, historyMs: 1, historyMinMs: 0, archivesMs: 0, archivesLimit: 1 },
};
const ALL = { kind: 'all' } as const;
const key = (name: string): string => name.padStart(26, '0');
const plain = (name: string, changes: Partial<PipelineDraft> = {}): PipelineDraft => ({
  key: key(name),
  id: name.toLowerCase(),
  name,
  description: '',
  tags: [],
  group: '',
  enabled: true,
  source: { kind: 'csv', ref: `${name}.csv` },
  destination: { table: `raw.${name.toLowerCase()}` },
  schedule: { kind: 'every', expr: '1h' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
  ...changes,
});

let world: PendingWorld;
afterEach(() => world.close());

async function revert(body: RevertBody): Promise<{ status: number; body: RevertResult & Partial<Problem> }> {
  const response = await world.call('POST', 'revert', body);
  return { status: response.status, body: await response.json() };
}
const codes = ({ issues }: { issues?: { code: string }[] }) => issues?.map(({ code }) => code);
const text = async (label: string) => (await world.call('GET', `revisions/${label}/manifest.toml`)).text();
const compactions = async (): Promise<number> => {
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  return Number(/^hakiri_sync_history_compactions_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1] ?? 0);
};
/** Of a document of its own; also when the owner of the first is another. */
async function applyDoc(doc: string, version: string): Promise<ApplyStatus> {
  const headers = { 'idempotency-key': `revert-test-${doc}-${version}`.slice(0, 200) };
  return (await world.call('POST', 'apply', { doc, scope: ALL, version }, headers)).json();
}
const documents = (method: string, path: string, body: unknown) =>
  fetch(`${world.url}/v1/docs${path}`, {
    method,
    headers: { authorization: 'Bearer owner', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('[AP9.10] after the history was compacted, and a restart: the whole and one pipeline, to the bytes of then', async () => {
  world = await openPendingWorld({ sync: COMPACTING });
  await world.edit({ put: [plain('A'), plain('B')] });
  const then = await world.version();
  expect((await world.apply(ALL)).state).toBe('published');
  for (let count = 1; count <= 4; count++) {
    await until(async () => (await compactions()) >= count, { what: `compaction ${count}` });
    const put = [plain('B', { enabled: false, description: `edit ${count}` }), plain('C')];
    await world.edit({ put, delete: [key('A')] });
    expect((await world.apply(ALL)).state).toBe('published');
  }
  await world.restart();
  // The document itself has nothing of then any more.
  const old = await fetch(`${world.url}/v1/docs/main?version=${then}`, {
    headers: { authorization: 'Bearer owner' },
  });
  expect([old.status, (await old.json()).code]).toEqual([410, 'gone']);
  const one = await revert({ to: 'v1', pipelines: ['a'] });
  expect(one).toMatchObject({
    status: 200,
    body: { documents: [{ updates: 1, pipelines: [{ kind: 'added', id: 'a', key: key('A') }] }], issues: [] },
  });
  expect((await world.pending()).pipelines).toMatchObject([{ kind: 'added', key: key('A') }]);
  const whole = await revert({ to: 'v1' });
  expect(whole.status).toBe(200);
  expect((await world.apply(ALL)).revision?.label).toBe('v6');
  expect(await text('v6')).toBe(await text('v1'));
  expect(await world.pending()).toEqual({ pipelines: [], variables: [] });
});

test('[AP9.7] into an archived document nothing is written, in none of those concerned; brought back, it goes', async () => {
  world = await openPendingWorld();
  expect((await documents('POST', '', { doc: 'eu', title: 'EU' })).status).toBe(201);
  await world.edit({ put: [plain('A')] });
  await world.apply(ALL);
  const eu = await world.edit({ put: [plain('E')] }, 'alice', 'eu');
  if (eu.kind !== 'done') throw new Error(eu.detail);
  expect((await applyDoc('eu', eu.version)).revision?.label).toBe('v2');
  const emptied = await world.edit({ delete: [key('E')] }, 'alice', 'eu');
  if (emptied.kind !== 'done') throw new Error(emptied.detail);
  expect((await applyDoc('eu', emptied.version)).revision?.label).toBe('v3');
  await world.edit({ put: [plain('A', { enabled: false })] });
  await world.apply(ALL);
  expect((await documents('PATCH', '/eu', { archived: true })).status).toBe(200);
  const before = await world.version();
  const refused = await revert({ to: 'v2' });
  expect([refused.status, codes(refused.body)]).toEqual([422, ['revert.document_archived']]);
  expect(refused.body.issues?.[0]?.message).toContain('hakictl docs unarchive eu');
  expect(await world.version()).toBe(before);
  expect((await documents('PATCH', '/eu', { archived: false })).status).toBe(200);
  expect((await revert({ to: 'v2' })).body.documents.map(({ doc, updates }) => [doc, updates])).toEqual([
    ['eu', 1],
    ['main', 1],
  ]);
});

test('[AP9.7] a document that is full says so, and nothing is written', async () => {
  world = await openPendingWorld({ sync: { documentBytes: 20_000 } });
  await world.edit({ put: [plain('A')] });
  await world.apply(ALL);
  await world.edit({ delete: [key('A')] });
  await world.apply(ALL);
  await until(
    async () =>
      (await world.edit({ put: [plain('B', { description: crypto.randomUUID().repeat(200) })] })).kind ===
      'refused',
  );
  const before = await world.version();
  const refused = await revert({ to: 'v1', pipelines: ['a'] });
  expect([refused.status, codes(refused.body)]).toEqual([422, ['revert.document_refused']]);
  expect(refused.body.issues?.[0]?.message).toContain('as large as it may be');
  expect(await world.version()).toBe(before);
});
