import { describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { utf8 } from '@hakiri/base/bytes';
import { createPipeline, setSchedule, setText } from '@hakiri/config-doc/edit';
import { versionOf } from '@hakiri/config-doc/version';
import { PENDING_KEY, type RestedData } from '@hakiri/contracts/pending';
import { DocumentRested, GetTouched, SettleTouched } from '@hakiri/contracts/subjects';
import { until } from '@hakiri/testing/until';
import { LoroPersistentStoreAdaptor } from 'loro-adaptors/loro';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { decodeBase, encodeBase } from '../document/base.ts';
import { readLog } from '../host/log-state.ts';
import { applyRevision } from '../testing/apply-revision.ts';
import { type Bed, join, openBed, type Person, ROOM } from '../testing/bed.ts';

const TARGET = { team: 'default', doc: 'main' };
const APPLY = { actor: { kind: 'service', id: 'apply' } } as const;
const QUICK = { restMs: 20, restLimitMs: 40 };

async function bedOf(config: Parameters<typeof openBed>[0] = { config: QUICK }) {
  const bed = await openBed(config);
  const rested: RestedData[] = [];
  const listen = (): void =>
    void bed.deps.messaging.subscribe(DocumentRested, ({ data }) => rested.push(data));
  listen();
  return { bed, rested, listen };
}

async function edit(person: Person, change: () => unknown): Promise<void> {
  change();
  person.doc.commit();
}

async function touched(bed: Bed) {
  const page = await bed.deps.messaging.request(GetTouched, TARGET, APPLY, {}, 45_000);
  if (page.kind !== 'page') throw new Error('the default document is there');
  return page;
}

async function cosmetic(bed: Bed): Promise<string[]> {
  const page = await bed.deps.messaging.request(GetTouched, TARGET, APPLY, { only: 'cosmetic' }, 5_000);
  return page.kind === 'page' ? page.pipelines.map(({ key }) => key) : [];
}

async function keysTouched(bed: Bed): Promise<string[]> {
  const { pipelines, gone } = await touched(bed);
  return [...pipelines.map(({ key }) => key), ...gone.pipelines].sort();
}

describe('what is not live', () => {
  test('[AP7.4] what only people read is said to have come to rest, with who edited it; what runs, and a document that was never applied, are not', async () => {
    const { bed, rested } = await bedOf();
    const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
    await edit(alice, () => createPipeline(alice.doc, { id: 'a' }, 'A'));
    await until(async () => (await keysTouched(bed)).length === 1);
    await until(async () => {
      const { pipelines } = await touched(bed);
      return pipelines.length === 1;
    });
    expect(rested).toEqual([]);
    await applyRevision(bed, undefined, { version: versionOf(alice.doc) });
    await until(async () => (await keysTouched(bed)).length === 0);
    await until(() => bob.doc.getMap('pipelines').get('A') !== undefined);
    await edit(bob, () => setSchedule(bob.doc, 'A', { kind: 'every', expr: '1h' }));
    await until(async () => (await keysTouched(bed)).length === 1);
    expect(await cosmetic(bed)).toEqual([]);
    await edit(bob, () => setText(bob.doc, 'A', 'name', 'Anna'));
    await until(() => rested.length === 1);
    expect(rested).toMatchObject([{ doc: 'main', version: versionOf(bob.doc), users: ['bob'] }]);
    alice.leave();
    bob.leave();
    await bed.close();
  });

  test('[AP7.5] it is said again after a restart, until it was published', async () => {
    const { bed, rested, listen } = await bedOf();
    const alice = await join(bed, 'alice');
    await applyRevision(bed, undefined, { version: 'AA' });
    await edit(alice, () => createPipeline(alice.doc, { id: 'a' }, 'A'));
    await until(() => rested.length === 1);
    await bed.restart();
    listen();
    await keysTouched(bed);
    await until(() => rested.length >= 2);
    const at = present(rested.at(-1), 'said').version;
    const none = { pipelines: [], variables: [] };
    const settled = { at, sequence: 1_000_000, same: none, isPublished: true };
    await bed.deps.messaging.request(SettleTouched, TARGET, APPLY, settled, 5_000);
    expect(await cosmetic(bed)).toEqual([]);
    expect(await keysTouched(bed)).toEqual(['A']);
    alice.leave();
    await bed.close();
  });

  test('[AP8.5] editors hear how much is not live, on joining and when it changes', async () => {
    const { bed } = await bedOf();
    const alice = await join(bed, 'alice');
    const store = new EphemeralStore(1_000_000);
    const crdtAdaptor = new LoroPersistentStoreAdaptor(store);
    await alice.client.join({ roomId: ROOM, crdtAdaptor, auth: utf8('alice') });
    await edit(alice, () => createPipeline(alice.doc, { id: 'a' }, 'A'));
    await until(() => JSON.stringify(store.get(PENDING_KEY)) === '{"pipelines":1,"variables":0}');
    await applyRevision(bed, undefined, { version: versionOf(alice.doc) });
    await until(() => JSON.stringify(store.get(PENDING_KEY)) === '{"pipelines":0,"variables":0}');
    alice.leave();
    store.destroy();
    await bed.close();
  });

  test('[AP8.6] it is known across a restart, from the log and from a base; of an older base nobody knows, and everything counts', async () => {
    const { bed } = await bedOf({ config: { ...QUICK, compactEntries: 3 } });
    const alice = await join(bed, 'alice');
    await edit(alice, () => {
      createPipeline(alice.doc, { id: 'a' }, 'A');
      createPipeline(alice.doc, { id: 'b' }, 'B');
    });
    await until(async () => (await keysTouched(bed)).length === 2);
    const scope = { kind: 'pipelines' as const, pipelines: ['A'] };
    await applyRevision(bed, undefined, { version: versionOf(alice.doc), scope });
    await until(async () => (await keysTouched(bed)).join() === 'B');
    await bed.restart();
    expect(await keysTouched(bed)).toEqual(['B']);
    for (let count = 0; count < 8; count++) {
      const before = versionOf(alice.doc);
      await edit(alice, () => setText(alice.doc, 'B', 'name', `name ${count}`));
      await until(() => versionOf(alice.doc) !== before);
      await until(async () => (await touched(bed)).version === versionOf(alice.doc));
    }
    const log = bed.substrate.documents;
    await until(async () => (await log.read(TARGET)).base !== undefined);
    await bed.restart();
    expect(await keysTouched(bed)).toEqual(['B']);
    alice.leave();
    await bed.close();
  });

  test('[AP8.6] a base keeps it', () => {
    const touchedNote = {
      peers: ['7' as const],
      pipelines: [{ key: 'A', cosmetic: true as const, by: [0, 3] }],
      variables: [],
      groups: [],
      transforms: [],
    };
    const base = { snapshot: new Uint8Array([1]), version: 'AA', schema: 1, leases: [] };
    expect(decodeBase(encodeBase({ ...base, touched: touchedNote })).touched).toEqual(touchedNote);
    const doc = new LoroDoc();
    createPipeline(doc, { id: 'a' }, 'A');
    doc.commit();
    const older = encodeBase({
      ...base,
      snapshot: doc.export({ mode: 'snapshot' }),
      version: versionOf(doc),
    });
    const { touched: unknown } = readLog({ base: older, entries: [] }, DEFAULTS);
    expect(unknown.isWhole).toBe(true);
    expect(unknown.keys(doc)).toEqual({ pipelines: ['A'], variables: [] });
  });
});
