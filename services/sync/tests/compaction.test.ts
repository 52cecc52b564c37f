// Compaction of the history over real sockets, with crashes at every step.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { setSchedule, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { BlobStoreError } from '@hakiri/substrate/blob-store';
import { DocumentLogError } from '@hakiri/substrate/document-log';
import { until } from '@hakiri/testing/until';
import { applyRevision } from '../testing/apply-revision.ts';
import { join } from '../testing/bed.ts';
import {
  blobsOf,
  COMPACTING,
  compactOnce,
  contentOf,
  historyOf,
  ID,
  laptopOf,
  met,
  metricOf,
  rescued,
  started,
} from '../testing/compacting.ts';
import { bedsOfTests } from '../testing/in-test.ts';

const bedOf = bedsOfTests();

const noise = (prng: Prng, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(97 + prng.below(26))).join('');

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
  }, 120_000);

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
