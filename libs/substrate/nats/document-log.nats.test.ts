// The document log over a real nats-server: its port's contract, and what it does with bases of an earlier life.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { documentLogContract } from '@hakiri/testing/document-log-contract';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import type { BlobStore } from '../blob-store.ts';
import { openDirectoryBlobStore } from '../directory/blob-store.ts';
import { type Connection, connectNats } from './connection.ts';
import { openNatsDocumentLog } from './document-log.ts';

describe.skipIf(!natsServerAvailable())('nats', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  documentLogContract('nats', async () => {
    const directory = await makeTempDirectory();
    const connections: Connection[] = [];
    const open = async () => {
      const connection = await connectNats(server.url, 'test');
      connections.push(connection);
      const blobs = await openDirectoryBlobStore(directory.path);
      return openNatsDocumentLog({ connection, blobs, replicas: 1 });
    };
    const limit = async (roomBytes: number | undefined) => {
      const { streams } = await (await connectionOf()).nats.jetstreamManager();
      const { config, state } = await streams.info('HAKIRI_DOCS');
      const max_bytes = roomBytes === undefined ? -1 : state.bytes + roomBytes;
      await streams.update('HAKIRI_DOCS', { ...config, max_bytes });
    };
    const connectionOf = async () => {
      const connection = await connectNats(server.url, 'test');
      connections.push(connection);
      return connection;
    };
    return {
      log: await open(),
      reopen: open,
      small: async () => {
        const log = await open();
        await limit(2 * 1024 * 1024);
        return {
          log,
          makeRoom: async () => {
            await limit(undefined);
            return open();
          },
        };
      },
      close: async () => {
        for (const connection of connections) await connection.close();
        await directory.remove();
      },
    };
  });

  const id = { team: 'bases', doc: 'main' };

  async function withLog(
    work: (parts: { connection: Connection; blobs: BlobStore; path: string }) => Promise<void>,
  ): Promise<void> {
    const directory = await makeTempDirectory();
    const connection = await connectNats(server.url, 'test');
    try {
      await work({ connection, blobs: await openDirectoryBlobStore(directory.path), path: directory.path });
    } finally {
      await connection.close();
      await directory.remove();
    }
  }

  test('[CL4] where the stream was lost and the blobs were not, no old base stands for new entries', () =>
    withLog(async ({ connection, blobs }) => {
      const streams = (await connection.nats.jetstreamManager()).streams;
      for (const life of ['first', 'second', 'third']) {
        // Epoch and position repeat exactly.
        await streams.delete('HAKIRI_DOCS');
        const log = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
        let { epoch } = await log.open(id);
        expect(epoch).toBe(1);
        await log.append(id, epoch, 0, [utf8(`${life} entry`)]);
        await log.compact(id, epoch, 1, utf8(`${life} base`));
        const loaded = await log.open(id);
        epoch = loaded.epoch;
        expect(loaded.base && fromUtf8(loaded.base)).toBe(`${life} base`);
        expect(loaded.entries).toEqual([]);
        // Whatever no message names is gone, also what the second life left at greater epochs.
        expect(await blobs.list('documents/')).toHaveLength(1);
        for (let again = 0; life === 'second' && again < 3; again += 1)
          await log.compact(id, (await log.open(id)).epoch, 1, utf8('later'));
      }
    }));

  test('[CL7] a writer of a lost stream appends nothing to its successor, also where the sequences agree', () =>
    withLog(async ({ connection, blobs }) => {
      const { streams } = await connection.nats.jetstreamManager();
      const doc = { ...id, doc: 'lives' };
      const old = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      await streams.delete('HAKIRI_DOCS');
      const first = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      const opened = await first.open(doc);
      await first.append(doc, opened.epoch, 0, [utf8('first')]);

      await streams.delete('HAKIRI_DOCS');
      const second = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      const fresh = await second.open(doc);
      await second.append(doc, fresh.epoch, 0, [utf8('second')]);
      // Epoch, position and sequence are the same in both.
      const refused = await first
        .append(doc, opened.epoch, 1, [utf8('stray')])
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ kind: 'stale_epoch' });
      // The one that is disturbed so opens again, and finds its own history.
      const reopened = await second.open(doc);
      expect(reopened.entries.map(fromUtf8)).toEqual(['second']);
      expect(await second.append(doc, reopened.epoch, 1, [utf8('third')])).toBe(2);

      // One that died before it could take its message back.
      const cutOff: Connection = {
        ...connection,
        whileConnected: (work) =>
          work().then((result) =>
            typeof result === 'number' && result > 1e12 ? Promise.reject(new Error('cut off')) : result,
          ),
      };
      await streams.delete('HAKIRI_DOCS');
      const dying = await openNatsDocumentLog({ connection: cutOff, blobs, replicas: 1 });
      const last = await dying.open(doc);
      await streams.delete('HAKIRI_DOCS');
      const third = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      const newest = await third.open(doc);
      await expect(dying.append(doc, last.epoch, 0, [utf8('stray')])).rejects.toMatchObject({
        kind: 'unavailable',
      });
      expect(
        await third.append(doc, newest.epoch, 0, [utf8('x')]).catch((error: unknown) => error),
      ).toMatchObject({
        kind: 'stale_epoch',
      });
      const whole = await old.open(doc);
      expect({ position: whole.position, entries: whole.entries }).toEqual({ position: 0, entries: [] });
      expect(await old.append(doc, whole.epoch, 0, [utf8('y')])).toBe(1);
      expect((await third.open(doc)).entries.map(fromUtf8)).toEqual(['y']);
    }));

  test('[CL5] a base that was refused goes; one that its writer was cut off from goes with the next', () =>
    withLog(async ({ connection, blobs }) => {
      let afterPut = async () => {};
      const interrupted: BlobStore = {
        ...blobs,
        putIfAbsent: async (key, bytes) => {
          const outcome = await blobs.putIfAbsent(key, bytes);
          await afterPut();
          return outcome;
        },
      };
      const log = await openNatsDocumentLog({ connection, blobs: interrupted, replicas: 1 });
      const other = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      const doc = { ...id, doc: 'refused' };
      const { epoch } = await log.open(doc);
      await log.append(doc, epoch, 0, [utf8('a')]);
      await log.compact(doc, epoch, 1, utf8('A'));
      afterPut = async () => void (await other.open(doc));
      await expect(log.compact(doc, epoch, 1, utf8('stale'))).rejects.toMatchObject({ kind: 'stale_epoch' });
      expect(await blobs.list('documents/')).toHaveLength(1);

      const again = await log.open(doc);
      afterPut = () => Promise.reject(new Error('cut off'));
      await expect(log.compact(doc, again.epoch, 1, utf8('x'))).rejects.toMatchObject({
        kind: 'base_failed',
      });
      expect(await blobs.list('documents/')).toHaveLength(2);
      const last = await other.open(doc);
      expect(last.base && fromUtf8(last.base)).toBe('A');
      await other.compact(doc, last.epoch, 1, utf8('B'));
      const [left, ...more] = await blobs.list('documents/');
      expect(more).toEqual([]);
      expect(fromUtf8((await blobs.get(left ?? ''))?.bytes ?? utf8(''))).toBe('B');
    }));

  test('[DL20] a base that the blob store does not take leaves the log and its writer as they were', () =>
    withLog(async ({ connection, blobs }) => {
      let isFull = true;
      const small: BlobStore = {
        ...blobs,
        putIfAbsent: (key, bytes) =>
          isFull ? Promise.reject(new Error('no room')) : blobs.putIfAbsent(key, bytes),
      };
      const log = await openNatsDocumentLog({ connection, blobs: small, replicas: 1 });
      const doc = { ...id, doc: 'no-room' };
      const { epoch } = await log.open(doc);
      await log.append(doc, epoch, 0, [utf8('a')]);
      await expect(log.compact(doc, epoch, 1, utf8('A'))).rejects.toMatchObject({ kind: 'base_failed' });
      await log.append(doc, epoch, 1, [utf8('b')]);
      expect((await log.read(doc)).entries.map(fromUtf8)).toEqual(['a', 'b']);
      isFull = false;
      await log.compact(doc, epoch, 2, utf8('AB'));
      expect(await log.append(doc, epoch, 2, [utf8('c')])).toBe(3);
      const read = await log.read(doc);
      expect([read.base && fromUtf8(read.base), read.entries.map(fromUtf8)]).toEqual(['AB', ['c']]);
    }));

  test('[DL22] while much is written to a document its groups leave 16 ms apart, and are asked for then', async () => {
    const directory = await makeTempDirectory();
    const connection = await connectNats(server.url, 'test');
    const log = await openNatsDocumentLog({
      connection,
      blobs: await openDirectoryBlobStore(directory.path),
      replicas: 1,
    });
    const id = { team: 'paced', doc: 'main' };
    const { epoch } = await log.open(id);
    const leftMs: number[] = [];
    const leaving = (count: number) => () => {
      leftMs.push(performance.now());
      return Array.from({ length: count }, () => utf8('e'));
    };
    expect(await log.append(id, epoch, 0, leaving(100))).toBe(100);
    expect(await log.append(id, epoch, 100, leaving(100))).toBe(200);
    expect(await log.append(id, epoch, 200, leaving(1))).toBe(201);
    const [first = 0, second = 0, third = 0] = leftMs;
    // A timer may fire a moment early.
    for (const gapMs of [second - first, third - second]) expect(gapMs).toBeGreaterThanOrEqual(15);
    await connection.close();
    await directory.remove();
  });

  test('[CL5] a slow writer that was replaced removes no base of its successor', () =>
    withLog(async ({ connection, blobs }) => {
      const gate = Promise.withResolvers<void>();
      const waiting = Promise.withResolvers<void>();
      let slow = true;
      const slowBlobs: BlobStore = {
        ...blobs,
        list: async (prefix) => {
          if (slow) {
            slow = false;
            waiting.resolve();
            await gate.promise;
          }
          return blobs.list(prefix);
        },
      };
      const first = await openNatsDocumentLog({ connection, blobs: slowBlobs, replicas: 1 });
      const second = await openNatsDocumentLog({ connection, blobs, replicas: 1 });
      const doc = { ...id, doc: 'slow' };
      const old = await first.open(doc);
      await first.append(doc, old.epoch, 0, [utf8('a')]);
      const compacting = first.compact(doc, old.epoch, 1, utf8('A1'));
      await waiting.promise;
      const fresh = await second.open(doc);
      await second.compact(doc, fresh.epoch, 1, utf8('A2'));
      gate.resolve();
      await compacting;
      const loaded = await second.open(doc);
      expect(loaded.base && fromUtf8(loaded.base)).toBe('A2');
    }));
});
