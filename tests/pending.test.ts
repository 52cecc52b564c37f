import { describe, expect, test } from 'bun:test';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { pipelineDraft } from '@hakiri/manifest/testing/pipeline-draft';
import { until } from '@hakiri/testing/until';
import { playOracle, type World } from './oracle/play.ts';
import { openPendingWorld } from './pending-world.ts';

const SEED = Number(process.env.HAKIRI_SEED ?? 1);
const HISTORIES = Number(process.env.HAKIRI_HISTORIES ?? 4);
const STEPS = 25;
const key = (name: string): string => name.padStart(26, '0');

describe('editing and going live', () => {
  test('[AP8.3] an oracle agrees with sync and apply as they are, over random histories and restarts', async () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const world = await openPendingWorld();
      const apply: World['apply'] = async (scope, at) => {
        const { state, code } = await world.apply(scope, at);
        return code === 'document_moved' ? { state: 'moved' } : { state, why: code ?? '' };
      };
      await playOracle({ ...world, apply, restart: () => world.restart() }, seed, STEPS);
    }
  });
});

const A = key('A');
const plain = (name: string, changes: Partial<PipelineDraft> = {}): PipelineDraft => ({
  ...pipelineDraft(key(name), name.toLowerCase()),
  name,
  ...changes,
});

describe('minor revisions', () => {
  test('[AP7.6] what only people read publishes by itself once it rests, as v1.1 with the digest of what runs; the author is who edited; nothing happens before the first Apply or when nothing differs', async () => {
    const world = await openPendingWorld({ isManual: false, sync: { restMs: 20, restLimitMs: 200 } });
    const draft = plain('A');
    await world.edit({ put: [draft] });
    await world.apply({ kind: 'all' });
    const [first] = await world.revisions();
    await world.edit(
      { put: [{ ...draft, name: 'Anna', source: { kind: 'csv-file', ref: 'other' } }] },
      'bob',
    );
    const [minor] = await until(async () => {
      const revisions = await world.revisions();
      return revisions.length === 2 && revisions;
    });
    expect(minor).toMatchObject({ label: 'v1.1', sequence: 2, author: 'bob', changed: ['a'] });
    expect(minor?.runtimeDigest).toBe(first?.runtimeDigest ?? '');
    expect(minor?.digest).not.toBe(first?.digest ?? '');
    expect(await world.pending()).toMatchObject({
      pipelines: [{ key: A, kind: 'changed', cosmetic: false, fields: [{ path: '/source/ref' }] }],
    });
    const { status } = await world.apply({ kind: 'all' }).then((state) => ({ status: state.state }));
    expect(status).toBe('published');
    expect((await world.revisions()).map(({ label }) => label)).toEqual(['v2', 'v1.1', 'v1']);
    await world.close();
  });

  test('[AP7.7] a document that is edited without a pause publishes all the same; a restart in between loses nothing', async () => {
    const world = await openPendingWorld({ isManual: false, sync: { restMs: 60_000, restLimitMs: 300 } });
    const draft = plain('A');
    await world.edit({ put: [draft] });
    await world.apply({ kind: 'all' });
    await world.edit({ put: [{ ...draft, name: 'one' }] });
    await until(async () => (await world.revisions()).length === 2);
    await world.edit({ put: [{ ...draft, name: 'two' }] });
    await world.restart();
    await world.pending();
    await until(async () => (await world.revisions()).length === 3);
    expect((await world.revisions())[0]).toMatchObject({ label: 'v1.2' });
    await world.close();
  });

  test('[AP7.8] the same rest told twice is one request; a minor revision adds and removes nothing', async () => {
    const world = await openPendingWorld();
    await world.edit({ put: [plain('A'), plain('B')] });
    await world.apply({ kind: 'pipelines', pipelines: ['a'] });
    await world.edit({ put: [plain('B', { name: 'Berta' }), plain('A', { tags: ['x'] })], delete: [] });
    await world.rest();
    await world.rest();
    await world.edit({ delete: [A] });
    await world.rest();
    const [newest] = await world.revisions();
    expect(newest).toMatchObject({ label: 'v1.1', pipelines: 1, changed: ['a'] });
    expect(await world.pending()).toMatchObject({
      pipelines: [
        { kind: 'removed', key: A },
        { kind: 'added', key: key('B') },
      ],
    });
    await world.close();
  });
});

describe('discarding', () => {
  test('[AP8.8] is one update of the document in the user’s name: what is new goes, what was deleted comes back under its key, a name finds either', async () => {
    const world = await openPendingWorld();
    await world.edit({ put: [plain('A', { group: 'x' }), plain('B')] });
    await world.apply({ kind: 'all' });
    await world.edit({ delete: [A], put: [plain('C'), plain('B', { id: 'b2' })] });
    const result = await world.discard({
      pipelines: [{ pipeline: 'a' }, { pipeline: 'c' }, { pipeline: 'b2', fields: ['/id'] }],
    });
    expect(result).toMatchObject({ discarded: [A, key('C'), key('B')], kept: [] });
    expect(await world.pending()).toEqual({ pipelines: [], variables: [] });
    expect(await world.version()).toBe(result.version);
    await world.close();
  });

  test('[AP8.9] keeps what somebody touched after the version that was named, and says so', async () => {
    const world = await openPendingWorld();
    await world.edit({ put: [plain('A'), plain('B')] });
    await world.apply({ kind: 'all' });
    await world.edit({ put: [plain('A', { name: 'x' }), plain('B', { name: 'x' }), plain('C')] });
    const seen = await world.version();
    await world.edit({ put: [plain('A', { name: 'y' }), plain('C', { name: 'y' })] });
    const pipelines = ['a', 'b', 'c'].map((name) => ({ pipeline: name }));
    expect(await world.discard({ version: seen, pipelines })).toMatchObject({
      discarded: [key('B')],
      kept: [A, key('C')],
    });
    expect((await world.pending()).pipelines.map((one) => one.key)).toEqual([A, key('C')]);
    await world.close();
  });

  test('[AP8.10] what cannot be discarded is refused with its code, and nothing is written; only who may write may', async () => {
    const world = await openPendingWorld();
    await world.edit({ put: [plain('A')] });
    await world.apply({ kind: 'all' });
    await world.edit({ put: [plain('A', { name: 'x' }), plain('B')] });
    const before = await world.version();
    const refused = async (body: unknown, user = 'owner'): Promise<unknown> =>
      (await (await world.call('POST', 'discard', body, {}, user)).json()).code;
    expect(await refused({ pipelines: [{ pipeline: 'nobody' }] })).toBe('not_found');
    expect(await refused({ pipelines: [] })).toBe('malformed');
    expect(await refused({ doc: 'elsewhere', pipelines: [{ pipeline: 'a' }] })).toBe('not_found');
    expect(await refused({ pipelines: [{ pipeline: 'a', fields: ['/nothing'] }] })).toBe('malformed');
    expect(await refused({ pipelines: [{ pipeline: 'b', fields: ['/name'] }] })).toBe('malformed');
    world.guard.roles.set('eve', 'viewer');
    expect(await refused({ pipelines: [{ pipeline: 'a' }] }, 'eve')).toBe('denied');
    expect((await world.call('GET', 'pending', undefined, {}, 'eve')).status).toBe(200);
    expect((await world.call('GET', 'pending?doc=elsewhere')).status).toBe(404);
    world.guard.roles.set('node', 'node');
    expect((await world.call('GET', 'pending', undefined, {}, 'node')).status).toBe(403);
    expect(await world.version()).toBe(before);
    await world.close();
  });
});
