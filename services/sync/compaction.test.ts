// Compaction of the history and the rescue of old work, over real sockets and HTTP, with crashes at every step.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { createPipeline, setSchedule, setText } from '@hakiri/config-doc/edit';
import { readConfig, readPipeline } from '@hakiri/config-doc/read';
import { HISTORY_COMPACTED } from '@hakiri/contracts/join';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { DocumentLogError } from '@hakiri/substrate/document-log';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { CrdtType, MessageType } from 'loro-protocol';
import { decodeBase } from './base.ts';
import { type Bed, join, type Person, Raw, ROOM } from './testing/bed.ts';
import {
  applyRevision,
  COMPACTING,
  compactOnce,
  handIn,
  laptopOf,
  metricOf,
  rescued,
} from './testing/compacting.ts';
import { bedsOfTests } from './testing/in-test.ts';

const bedOf = bedsOfTests();
const ID = { team: 'default', doc: 'main' };

async function started(bed: Bed, token = 'bob'): Promise<Person> {
  const person = await join(bed, token);
  createPipeline(person.doc, { id: 'a' }, 'A');
  createPipeline(person.doc, { id: 'b' }, 'B');
  person.doc.commit();
  await until(async () => (await contentOf(bed)).includes('"id":"b"'));
  return person;
}

async function contentOf(bed: Bed): Promise<string> {
  const response = await bed.http('/v1/docs/main');
  return response.text();
}

async function blobsOf(bed: Bed): Promise<string[]> {
  return bed.substrate.blobs.list('sync/default/main/');
}

async function historyOf(bed: Bed) {
  const { base } = await bed.substrate.documents.read(ID);
  return base === undefined ? undefined : decodeBase(base).history;
}

/** Not compared as Loro says it: an empty root is there where somebody looked for it. */
async function met(a: Person, b: Person): Promise<void> {
  await until(() => a.doc.version().compare(b.doc.version()) === 0, { what: 'both hold the same version' });
  expect(readConfig(a.doc)).toEqual(readConfig(b.doc));
}

const noise = (prng: Prng, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(97 + prng.below(26))).join('');

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
    expect(await status(beyond.export({ mode: 'update', from: bob.doc.oplogVersion() }))).toBe(403);
    expect(await status(new Uint8Array(2_001))).toBe(413);
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
});

describe('a crash', () => {
  const STEPS = ['put archive', 'get archive', 'put root', 'get root', 'before the base', 'after the base'];
  for (const step of STEPS)
    test(`[SY7.12] of a compaction at "${step}" harms nothing, and the next one does it`, async () => {
      let isArmed = false;
      let hits = 0;
      const hit = (what: string): boolean => {
        if (!isArmed || what !== step) return false;
        isArmed = false;
        hits += 1;
        return true;
      };
      const kindOf = (key: string): string => /\/(root|archive)-/.exec(key)?.[1] ?? 'other';
      const bed = await bedOf({
        config: { ...COMPACTING, history: { ...COMPACTING.history, orphanMs: 0 } },
        blobs: (blobs) => ({
          ...blobs,
          putIfAbsent: async (key, bytes) => {
            if (hit(`put ${kindOf(key)}`)) throw new BlobStoreError('failed on purpose');
            return blobs.putIfAbsent(key, bytes);
          },
          get: async (key) => {
            if (hit(`get ${kindOf(key)}`)) throw new BlobStoreError('failed on purpose');
            return blobs.get(key);
          },
        }),
        log: (log) => ({
          ...log,
          compact: async (...args) => {
            if (hit('before the base')) throw new DocumentLogError('unavailable', 'failed on purpose');
            await log.compact(...args);
            if (hit('after the base')) throw new DocumentLogError('unavailable', 'failed on purpose');
          },
        }),
      });
      const bob = await started(bed);
      const laptop = await laptopOf(bed, '4711');
      for (const expr of ['1h', '2h']) await compactOnce(bed, bob, expr);
      isArmed = true;
      setSchedule(bob.doc, 'A', { kind: 'every', expr: '3h' });
      bob.doc.commit();
      await applyRevision(bed);
      await until(() => hits === 1, { what: `a crash at ${step}` });
      await until(async () => (await metricOf(bed, 'log_keeping_failures_total')) > 0);
      await bed.restart();
      const fresh = await join(bed, 'alice');
      await met(bob, fresh);
      expect(readPipeline(fresh.doc, 'A')?.schedule).toMatchObject({ expr: '3h' });
      await compactOnce(bed, bob, '4h');
      // What nobody names is gone, what is named is there and whole.
      const history = await historyOf(bed);
      const named = [...(history?.archives ?? []), ...(history?.roots ?? [])].map(({ name }) => name).sort();
      await until(async () => Bun.deepEquals(await blobsOf(bed), named));
      setSchedule(laptop.doc, 'B', { kind: 'every', expr: '9h' });
      laptop.doc.commit();
      expect((await rescued(bed, laptop.unsent())).kind).toBe('rebased');
      await until(() => readPipeline(bob.doc, 'B')?.schedule !== undefined);
      await met(bob, fresh);
      for (const person of [bob, fresh]) person.leave();
    });

  test('[SY7.12] an archive that reads back wrong is not relied on, and goes', async () => {
    let isArmed = true;
    const bed = await bedOf({
      config: COMPACTING,
      blobs: (blobs) => ({
        ...blobs,
        get: async (key) => {
          const blob = await blobs.get(key);
          if (!isArmed || blob === undefined || !key.includes('/root-')) return blob;
          return { ...blob, bytes: blob.bytes.slice(1) };
        },
      }),
    });
    const bob = await started(bed);
    await applyRevision(bed);
    await until(async () => (await metricOf(bed, 'log_keeping_failures_total')) > 0);
    expect((await blobsOf(bed)).filter((name) => name.includes('/root-'))).toEqual([]);
    expect(await historyOf(bed)).toEqual(undefined);
    isArmed = false;
    await bed.restart();
    await compactOnce(bed, bob, '1h');
    expect((await historyOf(bed))?.roots).toHaveLength(1);
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

describe('the history', () => {
  test('[SY7.14] stays bounded: the base of a document that is edited for long is small again', async () => {
    const bed = await bedOf({ config: COMPACTING });
    const bob = await started(bed);
    const prng = createPrng(7);
    for (let round = 0; round < 4_000; round++) {
      setText(bob.doc, 'B', 'description', noise(prng, 80));
      if (round % 20 === 0) bob.doc.commit();
    }
    bob.doc.commit();
    const last = String(readPipeline(bob.doc, 'B')?.description);
    await until(async () => (await contentOf(bed)).includes(last));
    const size = async () => (await bed.substrate.documents.read(ID)).base?.length ?? 0;
    await compactOnce(bed, bob, '1h');
    const whole = await size();
    await compactOnce(bed, bob, '2h');
    const compacted = await size();
    expect(compacted).toBeLessThan(whole / 50);
    const fresh = await join(bed, 'alice');
    await met(bob, fresh);
    expect(fresh.doc.isShallow()).toBe(true);
    for (const person of [bob, fresh]) person.leave();
  }, 15_000);

  test('[SY7.15] of a document that never sleeps is compacted when it is overdue, and who edits meanwhile is served', async () => {
    const history = { ...COMPACTING.history, historyMs: 1e12, historyBytes: 1 };
    const bed = await bedOf({ config: { ...COMPACTING, sleepMs: 60_000, history } });
    const bob = await started(bed);
    for (const expr of ['1h', '2h', '3h']) {
      const before = await metricOf(bed, 'history_compactions_total');
      await applyRevision(bed);
      await until(async () => {
        setSchedule(bob.doc, 'A', { kind: 'every', expr });
        setSchedule(bob.doc, 'B', { kind: 'every', expr: `${Math.ceil(performance.now())}s` });
        bob.doc.commit();
        return (await metricOf(bed, 'history_compactions_total')) > before;
      });
    }
    const fresh = await join(bed, 'alice');
    await met(bob, fresh);
    expect(fresh.doc.isShallow()).toBe(true);
    for (const person of [bob, fresh]) person.leave();
  });
});
