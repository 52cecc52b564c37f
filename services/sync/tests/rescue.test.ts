// Old work handed in over HTTP, from before the history that a document keeps.
import { describe, expect, test } from 'bun:test';
import { toHex } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import { createDocuments } from '@hakiri/client/documents';
import { createHttp, fixedToken } from '@hakiri/client/http';
import { createLedger } from '@hakiri/client/sync-ledger';
import { rescue } from '@hakiri/client/sync-rescue';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import { HISTORY_COMPACTED } from '@hakiri/contracts/join';
import { DocumentLogError } from '@hakiri/substrate/document-log';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType } from 'loro-protocol';
import { RESCUE_UPDATES } from '../config.ts';
import { join, Raw, ROOM } from '../testing/bed.ts';
import {
  blobsOf,
  COMPACTING,
  compactOnce,
  contentOf,
  handIn,
  laptopOf,
  met,
  rescued,
  started,
} from '../testing/compacting.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

describe('a client from before the history that is kept', () => {
  test('[SY7.10] is refused with the code, hands in what it has, and everybody gets it; again it does nothing', async () => {
    const bed = await bedOf({ config: COMPACTING });
    const bob = await started(bed);
    const laptop = await laptopOf(bed, '4711');
    for (const expr of ['1h', '2h', '3h']) await compactOnce(bed, bob, expr);
    createPipeline(laptop.doc, { id: 'n' }, 'N');
    setSchedule(laptop.doc, 'B', { kind: 'every', expr: '9h' });
    laptop.doc.commit();

    const raw = await Raw.open(bed);
    raw.join('alice', CrdtType.Loro, ROOM, laptop.doc.oplogVersion().encode());
    const refusal = await raw.next(MessageType.JoinError);
    expect(refusal.appCode).toBe(HISTORY_COMPACTED);
    raw.end();

    const first = await rescued(bed, laptop.unsent());
    expect(first.kind).toBe('rebased');
    await until(() => readPipeline(bob.doc, 'N') !== undefined);
    expect(readPipeline(bob.doc, 'B')?.schedule).toMatchObject({ expr: '9h' });
    expect(readPipeline(bob.doc, 'A')?.schedule).toMatchObject({ expr: '3h' });
    const history = await (await bed.http('/v1/docs/main/history?pipeline=n')).json();
    expect(history).toMatchObject({ entries: [{ user: 'alice' }] });

    const { version } = first as { version: string };
    expect(await rescued(bed, laptop.unsent())).toEqual({ kind: 'nothing', version });
    await bed.restart();
    expect(await rescued(bed, laptop.unsent())).toEqual({ kind: 'nothing', version });
    const fresh = await join(bed, 'alice');
    await met(bob, fresh);
    expect(readPipeline(fresh.doc, 'N')?.id).toBe('n');
    for (const person of [bob, fresh]) person.leave();
  });

  test('[SY7.10] who was there at the last compaction goes on by normal deltas', async () => {
    const bed = await bedOf({ config: COMPACTING });
    const bob = await started(bed);
    await compactOnce(bed, bob, '1h');
    const laptop = await laptopOf(bed, '4711');
    for (const expr of ['2h', '3h']) {
      const again = await join(bed, 'alice', laptop.doc);
      setSchedule(laptop.doc, 'B', { kind: 'every', expr });
      laptop.doc.commit();
      await met(bob, again);
      again.leave();
      await compactOnce(bed, bob, expr);
    }
    const last = await join(bed, 'alice', laptop.doc);
    await met(bob, last);
    expect(laptop.doc.isShallow()).toBe(false);
    for (const person of [bob, last]) person.leave();
  });

  test('[SY7.11] what is not the caller’s, too large, damaged or to be read only is refused; too old says so', async () => {
    const bed = await bedOf({
      config: { ...COMPACTING, update: { bytes: 2_000, counters: 1_000, perFrame: 1 } },
    });
    const bob = await started(bed);
    const laptop = await laptopOf(bed, '4711');
    for (const expr of ['1h', '2h', '3h']) await compactOnce(bed, bob, expr);
    const before = await contentOf(bed);
    const status = async (update: Uint8Array, token?: string) => (await handIn(bed, update, token)).status;
    const stolen = new LoroDoc();
    stolen.import(laptop.doc.export({ mode: 'snapshot' }));
    stolen.setPeerId(bob.doc.peerIdStr);
    setSchedule(stolen, 'B', { kind: 'every', expr: '7h' });
    stolen.commit();
    // One of Bob's numbers that he has not come to yet.
    const beyond = new LoroDoc();
    beyond.import(bob.doc.export({ mode: 'snapshot' }));
    beyond.setPeerId(bob.doc.peerIdStr);
    setSchedule(beyond, 'B', { kind: 'every', expr: '7h' });
    beyond.commit();
    expect(await status(beyond.export({ mode: 'update', from: bob.doc.oplogVersion() }))).toBe(409);
    expect(await status(new Uint8Array(RESCUE_UPDATES * 2_000 + 1))).toBe(413);
    expect(await status(Uint8Array.of(1, 2, 3))).toBe(400);
    expect(await status(bob.doc.export({ mode: 'snapshot' }))).toBe(400);
    bed.guard.roles.set('carol', 'viewer');
    setSchedule(laptop.doc, 'B', { kind: 'every', expr: '9h' });
    laptop.doc.commit();
    expect(await status(laptop.unsent(), 'carol')).toBe(403);
    expect(await contentOf(bed)).toBe(before);

    // An archive that is not what was written is not believed.
    for (const name of await blobsOf(bed)) {
      const blob = await bed.substrate.blobs.get(name);
      if (blob === undefined) continue;
      const damaged = blob.bytes.slice();
      damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
      await bed.substrate.blobs.putIfMatch(name, damaged, blob.etag);
    }
    expect(await rescued(bed, laptop.unsent())).toEqual({ kind: 'too_old' });
    expect(await contentOf(bed)).toBe(before);
    bob.leave();
  });

  test('[SY7.19] old work of one user is written under one peer id, also of another laptop and after a compaction', async () => {
    const bed = await bedOf({ config: COMPACTING });
    const bob = await started(bed);
    const [one, two] = [await laptopOf(bed, '4711'), await laptopOf(bed, '4712')];
    for (const expr of ['1h', '2h', '3h']) await compactOnce(bed, bob, expr);
    const peers = () => [...bob.doc.oplogVersion().toJSON().keys()].sort();
    const before = peers();
    createPipeline(one.doc, { id: 'n' }, 'N');
    one.doc.commit();
    await rescued(bed, one.unsent());
    await until(() => readPipeline(bob.doc, 'N') !== undefined);
    const after = peers();
    expect(after.length).toBe(before.length + 1);
    await compactOnce(bed, bob, '4h');
    createPipeline(two.doc, { id: 'm' }, 'M');
    two.doc.commit();
    await rescued(bed, two.unsent());
    await until(() => readPipeline(bob.doc, 'M') !== undefined);
    // What the first laptop went on with builds on what is not the last under that id: it gets another.
    setSchedule(one.doc, 'N', { kind: 'every', expr: '5h' });
    one.doc.commit();
    expect(peers()).toEqual(after);
    expect((await rescued(bed, one.unsent())).kind).toBe('rebased');
    expect(await contentOf(bed)).toContain('5h');
    bob.leave();
  });

  test('[SY7.13] between the entry and the answer of a rescue does not bring the work in twice', async () => {
    let isArmed = false;
    const bed = await bedOf({
      config: COMPACTING,
      log: (log) => ({
        ...log,
        append: async (...args) => {
          const position = await log.append(...args);
          if (!isArmed) return position;
          isArmed = false;
          throw new DocumentLogError('unavailable', 'failed on purpose');
        },
      }),
    });
    const bob = await started(bed);
    const laptop = await laptopOf(bed, '4711');
    for (const expr of ['1h', '2h', '3h']) await compactOnce(bed, bob, expr);
    createPipeline(laptop.doc, { id: 'n' }, 'N');
    laptop.doc.commit();
    isArmed = true;
    expect((await handIn(bed, laptop.unsent())).status).toBe(503);
    expect(isArmed).toBe(false);
    expect((await rescued(bed, laptop.unsent())).kind).toBe('nothing');
    const content: { config: { pipelines: { id: string }[] } } = JSON.parse(await contentOf(bed));
    expect(content.config.pipelines.filter(({ id }) => id === 'n')).toHaveLength(1);
    // What was written on top of what only the lost answer knew comes too.
    setSchedule(laptop.doc, 'N', { kind: 'every', expr: '5h' });
    laptop.doc.commit();
    expect((await rescued(bed, laptop.unsent())).kind).toBe('rebased');
    expect(await contentOf(bed)).toContain('5h');
    bob.leave();
  });
});

test('[SY7.18] more work than fits into an update is brought in with hand-ins that grow, whole and once', async () => {
  const update = { bytes: 40_000, counters: 20_000, perFrame: 1 };
  const bed = await bedOf({ config: { ...COMPACTING, update } });
  const bob = await started(bed);
  const laptop = await laptopOf(bed, '4711');
  for (const expr of ['1h', '2h', '3h']) await compactOnce(bed, bob, expr);
  const random = createPrng(1);
  const names: string[] = [];
  for (let index = 0; index < 24; index++) {
    const id = `p${index}`;
    createPipeline(laptop.doc, { id, description: toHex(random.bytes(2_000)) }, id.toUpperCase());
    names.push(id);
  }
  laptop.doc.commit();
  expect((await handIn(bed, laptop.unsent())).status).toBe(413);
  const ledger = createLedger();
  const end = laptop.doc.oplogVersion().toJSON().get('4711') ?? 0;
  ledger.made({ peer: '4711', from: 0, to: end }, { kept: true, mine: true });
  const documents = createDocuments(createHttp({ url: bed.url, tokens: fixedToken('alice') }));
  const { fresh, patch } = await rescue({
    documents,
    docId: 'main',
    doc: laptop.doc,
    ledger,
    part: { bytes: 20_000, operations: 10_000 },
  });
  expect(patch).toEqual([]);
  const { pipelines } = readConfig(fresh);
  expect(
    pipelines
      .map(({ id }) => String(id))
      .filter((id) => id.startsWith('p'))
      .sort(),
  ).toEqual(names.sort());
  for (const name of names)
    expect(readPipeline(fresh, name.toUpperCase())?.description).toBe(
      readPipeline(laptop.doc, name.toUpperCase())?.description ?? '',
    );
  expect((await rescued(bed, laptop.unsent())).kind).toBe('nothing');
  bob.leave();
}, 120_000);
