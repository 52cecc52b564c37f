import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { parseManifest } from '@hakiri/manifest/parse';
import { canonicalDraft } from '@hakiri/manifest/shape';
import { until } from '@hakiri/testing/until';
import { PendingModel } from './pending-model.ts';
import { openPendingWorld, type PendingWorld } from './pending-world.ts';

const SEED = Number(process.env.HAKIRI_SEED ?? 1);
const HISTORIES = Number(process.env.HAKIRI_HISTORIES ?? 5);
const STEPS = 30;
const key = (name: string): string => name.padStart(26, '0');

function pipeline(prng: Prng, at: number): PipelineDraft {
  return {
    key: key(`P${at}`),
    id: `p-${at}`,
    name: prng.pick(['one', 'two', prng.below(6) === 0 ? 'n'.repeat(201) : 'three']),
    description: prng.pick(['', 'text']),
    tags: prng.pick([[], ['x'], ['x', 'y']]),
    group: prng.pick(['', 'a', 'a/b']),
    enabled: prng.below(2) === 0,
    source: { kind: 'csv', ref: prng.pick(['1', '2']), ...(prng.below(2) === 0 ? { limit: 3 } : {}) },
    destination: { table: `t${at}` },
    schedule: { kind: 'every', expr: prng.pick(['1h', '2h']) },
    placement: { kind: 'auto' },
    transforms: [],
    schema: prng.below(2) === 0 ? {} : { c: { type: 'int' } },
  };
}

function variable(prng: Prng, at: number): VariableDraft {
  return {
    key: key(`V${at}`),
    name: `V${at}`,
    value: prng.pick(['1', '2']),
    comment: prng.pick(['', 'c', 'd']),
  };
}

/** As both sides say it, whatever the order. */
function told(changes: readonly { key: string }[]): unknown[] {
  const plain: { key: string; fields?: { path: string }[] }[] = JSON.parse(JSON.stringify(changes));
  for (const change of plain) {
    change.fields?.sort((a, b) => (a.path < b.path ? -1 : 1));
    if ('moved' in change) delete change.moved;
  }
  return plain.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function agree(world: PendingWorld, model: PendingModel): Promise<void> {
  const [found, expected] = [await world.pending(), model.pending()];
  expect(told(found.pipelines)).toEqual(told(expected.pipelines));
  expect(told(found.variables)).toEqual(told(expected.variables));
}

async function isLive(world: PendingWorld, model: PendingModel): Promise<void> {
  const [newest] = await world.revisions();
  expect(newest?.label ?? 'v0').toBe(model.label());
  const parsed = parseManifest(await world.body());
  if (parsed.kind !== 'parsed') throw new Error('what was published parses');
  const byKey = (entries: readonly { key: string }[]) => new Map(entries.map((one) => [one.key, one]));
  const { pipelines, variables } = canonicalDraft(parsed.draft);
  for (const [entries, live] of [
    [byKey(pipelines), model.live.pipelines],
    [byKey(variables), model.live.variables],
  ] as const) {
    expect([...entries.keys()].sort()).toEqual([...live.keys()].sort());
    for (const [one, entry] of live) expect(entries.get(one)).toMatchObject(entry);
  }
}

async function step(prng: Prng, world: PendingWorld, model: PendingModel): Promise<void> {
  const choice = prng.below(15);
  const at = prng.below(4);
  if (choice < 5) {
    const draft = pipeline(prng, at);
    model.doc.pipelines.set(draft.key, { ...draft });
    await world.edit({ put: [draft] });
  } else if (choice === 5) {
    model.doc.pipelines.delete(key(`P${at}`));
    await world.edit({ delete: [key(`P${at}`)] });
  } else if (choice === 6) {
    const draft = variable(prng, at);
    model.doc.variables.set(draft.key, { ...draft });
    await world.edit({ putVariables: [draft] });
  } else if (choice === 7) {
    model.doc.variables.delete(key(`V${at}`));
    await world.edit({ deleteVariables: [key(`V${at}`)] });
  } else if (choice === 8) {
    const isValid = model.isValid(model.doc.pipelines.keys());
    const { state } = await world.apply({ kind: 'all' });
    expect(state === 'published').toBe(isValid);
    if (isValid) model.applyAll();
  } else if (choice < 11) {
    const known = [...new Set([...model.doc.pipelines.keys(), ...model.live.pipelines.keys()])];
    const keys = known.filter(() => prng.below(2) === 0);
    if (keys.length === 0) return;
    const isValid = model.isValid(keys);
    const { state } = await world.apply({ kind: 'pipelines', pipelines: keys });
    expect(state === 'published').toBe(isValid);
    if (isValid) model.applySome(keys);
  } else if (choice === 11) {
    if (model.name.number === 0) return;
    model.minor();
    await world.rest();
  } else if (choice < 14) await discard(prng, world, model);
  else await world.restart();
}

async function discard(prng: Prng, world: PendingWorld, model: PendingModel): Promise<void> {
  const { pipelines, variables } = model.pending();
  const kind = prng.pick(['pipelines', 'variables'] as const);
  const all = kind === 'pipelines' ? pipelines : variables;
  if (all.length === 0) return;
  const change = prng.pick(all);
  const paths = (change.fields ?? []).map(({ path }) => path).filter(() => prng.below(2) === 0);
  const fields = paths.length === 0 ? undefined : paths;
  model.discard(kind, change.key, fields);
  const chosen = fields === undefined ? {} : { fields };
  const result = await world.discard(
    kind === 'pipelines'
      ? { pipelines: [{ pipeline: change.key, ...chosen }] }
      : { variables: [{ variable: change.key, ...chosen }] },
  );
  expect(result).toMatchObject({ discarded: [change.key], kept: [] });
}

describe('editing and going live', () => {
  test('[AP8.3] an oracle agrees with what is pending, what is discarded, partial Applies and minor revisions, over random histories and restarts', async () => {
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const prng = createPrng(seed);
      const world = await openPendingWorld();
      const model = new PendingModel();
      try {
        for (let count = 0; count < STEPS; count++) {
          await step(prng, world, model);
          await agree(world, model);
        }
        if (model.name.number > 0) await isLive(world, model);
      } catch (error) {
        throw new Error(`HAKIRI_SEED=${seed}: ${error instanceof Error ? error.message : error}`);
      } finally {
        await world.close();
      }
    }
  });
});

const A = key('A');
const plain = (name: string, changes: Partial<PipelineDraft> = {}): PipelineDraft => ({
  ...pipeline(createPrng(1), 1),
  key: key(name),
  id: name.toLowerCase(),
  name,
  group: '',
  ...changes,
});

describe('minor revisions', () => {
  test('[AP7.6] what only people read publishes by itself once it rests, as v1.1 with the digest of what runs; the author is who edited; nothing happens before the first Apply or when nothing differs', async () => {
    const world = await openPendingWorld({ isManual: false, sync: { restMs: 20, restLimitMs: 200 } });
    const draft = plain('A');
    await world.edit({ put: [draft] });
    await world.apply({ kind: 'all' });
    const [first] = await world.revisions();
    await world.edit({ put: [{ ...draft, name: 'Anna', source: { kind: 'csv', ref: 'other' } }] }, 'bob');
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
