// What a team's registry makes of each change, and that changes of several processes are all in it.
import { afterEach, beforeEach, expect, test } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { encodeVersion } from '@hakiri/config-doc/version';
import type { Revision } from '@hakiri/contracts/revision';
import type { Scope } from '@hakiri/contracts/scope';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import { systemClock } from '@hakiri/substrate/clock';
import { openDirectoryBlobStore } from '@hakiri/substrate/directory/blob-store';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import {
  type Change,
  EMPTY_REGISTRY,
  endMove,
  isArchived,
  listDocuments,
  MOVED_LIMIT,
  movedFrom,
  noteApplied,
  noteCreated,
  planCopies,
  type Registry,
  rename,
  setArchived,
} from './registry.ts';
import { createRegistryStore, registryKey } from './registry-store.ts';

const AT = '2026-01-01T00:00:00.000Z';
const version = (counter: number): string => encodeVersion(new Map([['1', counter]]));

function after(...changes: ((registry: Registry) => Change)[]): Registry {
  return changes.reduce((registry, decide) => {
    const change = decide(registry);
    if (change.kind === 'refused') throw new Error(change.detail);
    return change.kind === 'changed' ? change.registry : registry;
  }, EMPTY_REGISTRY);
}
const move = (from: string, to: string, keys: string[], at: number) => (known: Registry) => {
  const route = { from, to, group: 'g' };
  const planned = planCopies(known, route, new Map(keys.map((key) => [key, 'd'])), 'alice');
  return planned.kind === 'changed' ? endMove(planned.registry, route, version(at)) : planned;
};
const applied = (doc: string, counter: number, scope: Scope = { kind: 'all' }) => {
  const revision: Revision = {
    sequence: 1,
    number: 1,
    minor: 0,
    label: 'v1',
    file: 'f',
    digest: 'd',
    sizeBytes: 1,
    publishedAt: AT,
    author: 'a',
    message: '',
    doc,
    version: version(counter),
    scope,
    pipelines: 0,
    changed: [],
  };
  return (known: Registry) => noteApplied(known, { doc, revision });
};

test('[SY14.3] documents have a title, who made them and when; one that the registry does not know has its name', () => {
  const known = after((registry) =>
    noteCreated(registry, 'eu', { title: 'Europe', createdAt: AT, createdBy: 'alice' }),
  );
  const names = ['eu', 'main', 'old'];
  expect(listDocuments(known, ['constructor'], { archived: false })).toEqual([
    { doc: 'constructor', title: 'constructor' },
  ]);
  expect(listDocuments(known, names, { archived: false })).toEqual([
    { doc: 'eu', title: 'Europe', createdAt: AT, createdBy: 'alice' },
    { doc: 'main', title: 'main' },
    { doc: 'old', title: 'old' },
  ]);
  const renamed = after(
    () => ({ kind: 'changed', registry: known }),
    (one) => rename(one, 'old', 'The old one'),
  );
  expect(listDocuments(renamed, names, { archived: false })[2]).toEqual({ doc: 'old', title: 'The old one' });
  expect(rename(renamed, 'old', 'The old one')).toEqual({ kind: 'same' });
});

test('[SY14.4] an archived document leaves the list and comes back; the default one stays', () => {
  const known = after((one) => setArchived(one, 'eu', AT));
  expect(listDocuments(known, ['eu', 'main'], { archived: false }).map(({ doc }) => doc)).toEqual(['main']);
  expect(listDocuments(known, ['eu', 'main'], { archived: true })[0]).toMatchObject({ archivedAt: AT });
  const back = after(
    () => ({ kind: 'changed', registry: known }),
    (one) => setArchived(one, 'eu', undefined),
  );
  expect(isArchived(back, 'eu')).toBe(false);
  expect(setArchived(known, 'main', AT)).toMatchObject({ kind: 'refused', code: 'conflict' });
  expect(setArchived(known, 'eu', AT)).toEqual({ kind: 'same' });
  const moving = after((one) =>
    planCopies(one, { from: 'a', to: 'eu', group: 'g' }, new Map([['K', 'd']]), 'alice'),
  );
  expect(setArchived(moving, 'eu', AT)).toMatchObject({ kind: 'refused' });
});

test('[SY14.9] moved pipelines are held until an Apply of all of the target that has them', () => {
  const known = after(move('main', 'eu', ['A', 'B'], 5));
  const held = (registry: Registry) => movedFrom(registry, 'main').flatMap(({ pipelines }) => pipelines);
  expect(movedFrom(known, 'main')).toEqual([{ to: 'eu', pipelines: ['A', 'B'] }]);
  for (const early of [applied('eu', 4), applied('main', 9), applied('eu', 9, { kind: 'group', group: 'g' })])
    expect(held(after(() => ({ kind: 'changed', registry: known }), early))).toEqual(['A', 'B']);
  expect(held(after(() => ({ kind: 'changed', registry: known }), applied('eu', 5)))).toEqual([]);
});

test('[SY14.9] one that is passed on waits for the third document, one that comes back is held no more', () => {
  const passed = after(move('main', 'eu', ['A'], 5), move('eu', 'us', ['A'], 7));
  const afterEu = after(() => ({ kind: 'changed', registry: passed }), applied('eu', 9));
  expect(movedFrom(afterEu, 'main')).toEqual([{ to: 'eu', pipelines: ['A'] }]);
  const afterUs = after(() => ({ kind: 'changed', registry: afterEu }), applied('us', 9), applied('eu', 9));
  expect(afterUs.moves).toEqual([]);
  const back = after(move('main', 'eu', ['A', 'B'], 5), move('eu', 'main', ['A'], 7));
  expect(movedFrom(back, 'main')).toEqual([{ to: 'eu', pipelines: ['B'] }]);
});

test('[SY14.9] what waits for an Apply is bounded, and the refusal says which document to apply', () => {
  const keys = Array.from({ length: MOVED_LIMIT }, (_, index) => `K${index}`);
  const known = after(move('main', 'eu', keys, 5));
  const more = planCopies(known, { from: 'main', to: 'us', group: 'h' }, new Map([['X', 'd']]), 'alice');
  expect(more).toMatchObject({ kind: 'refused', code: 'conflict' });
  expect(more.kind === 'refused' && more.detail).toContain('apply all of eu');
  expect(JSON.stringify(movedFrom(known, 'main')).length).toBeLessThan(256 * 1024);
});

let directory: TempDirectory;
let blobs: BlobStore;
beforeEach(async () => {
  directory = await makeTempDirectory();
  blobs = await openDirectoryBlobStore(directory.path);
});
afterEach(() => directory.remove());

test('[SY14.10] changes of two processes at once are all kept', async () => {
  const stores = [1, 2].map(() => createRegistryStore({ blobs, clock: systemClock }));
  const names = Array.from({ length: 20 }, (_, index) => `d${index}`);
  await Promise.all(
    names.map((doc, index) => stores[index % 2]?.change('team', (known) => rename(known, doc, `T ${doc}`))),
  );
  const known = await createRegistryStore({ blobs, clock: systemClock }).read('team');
  expect(Object.keys(known.documents).sort()).toEqual(names.sort());
  expect((await stores[0]?.read('other'))?.documents).toEqual({});
});

test('[SY14.10] another process sees a change within two seconds, this one at once', async () => {
  const clock = createSimulatedClock();
  const here = createRegistryStore({ blobs, clock });
  const there = createRegistryStore({ blobs, clock });
  expect(isArchived(await there.recent('team'), 'eu')).toBe(false);
  await here.change('team', (known) => setArchived(known, 'eu', AT));
  expect(isArchived(await here.recent('team'), 'eu')).toBe(true);
  expect(isArchived(await there.recent('team'), 'eu')).toBe(false);
  await clock.advance(2_000);
  expect(isArchived(await there.recent('team'), 'eu')).toBe(true);
});

test('[SY14.10] while the blob store is away, what was known last holds', async () => {
  const clock = createSimulatedClock();
  let isAway = false;
  const get: BlobStore['get'] = async (key) => {
    if (isAway) throw new BlobStoreError('away');
    return blobs.get(key);
  };
  const store = createRegistryStore({ blobs: { ...blobs, get }, clock });
  await store.change('team', (known) => setArchived(known, 'eu', AT));
  isAway = true;
  await clock.advance(60_000);
  expect(isArchived(await store.recent('team'), 'eu')).toBe(true);
  await expect(store.recent('other')).rejects.toThrow('away');
  await expect(store.change('team', (known) => rename(known, 'eu', 'x'))).rejects.toThrow('away');
});

test('[SY14.10] a registry that cannot be read is not overwritten', async () => {
  for (const [index, text] of ['no json', '{"format":2}'].entries()) {
    const team = `team-${index}`;
    await blobs.putIfAbsent(registryKey(team), utf8(text));
    const store = createRegistryStore({ blobs, clock: systemClock });
    await expect(store.change(team, (known) => rename(known, 'eu', 'x'))).rejects.toThrow(registryKey(team));
    expect((await blobs.get(registryKey(team)))?.bytes).toEqual(utf8(text));
  }
});
