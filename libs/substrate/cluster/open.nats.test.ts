// A whole cluster substrate while its NATS server is killed and started again, and with two writers of one document.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { openDirectoryBlobStore } from '../directory/blob-store.ts';
import type { Substrate } from '../substrate.ts';
import { openCluster } from './open.ts';

const RECONNECT = { timeoutMs: 15_000 };
const SLOW_MS = 120_000;

describe.skipIf(!natsServerAvailable())('a cluster whose NATS goes away', () => {
  let server: NatsServer;
  let directory: TempDirectory;
  let substrate: Substrate;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    directory = await makeTempDirectory();
    substrate = await open('one');
  });
  afterEach(async () => {
    await substrate.close();
    await directory.remove();
  });

  async function open(name: string): Promise<Substrate> {
    return openCluster({
      natsUrl: server.url,
      blobs: await openDirectoryBlobStore(join(directory.path, 'blobs')),
      database: { kind: 'directory', path: join(directory.path, 'databases') },
      name,
    });
  }

  async function restartServer(): Promise<void> {
    await server.start();
    await until(() => substrate.bus.connected(), RECONNECT);
  }

  test(
    '[CL1] while it is away everything fails at once and clearly; afterwards it goes on by itself',
    async () => {
      const { bus } = substrate;
      let reconnects = 0;
      bus.onReconnect(() => {
        reconnects += 1;
      });
      const consumed: string[] = [];
      const options = { durable: 'cl1', ackWaitMs: 5_000, maxInFlight: 2, from: 'beginning' } as const;
      await bus.consume('hakiri.queue.cl1', options, async ({ data }) => {
        consumed.push(fromUtf8(data));
        return { kind: 'ack' };
      });
      bus.respond('hakiri.cl1.ask', async ({ data }) => data, { group: 'cl1' });
      await bus.enqueue('hakiri.queue.cl1', '1', utf8('1'));
      await until(() => consumed.length === 1);

      await server.kill();
      await until(() => !bus.connected());
      const away = { kind: 'unavailable' };
      await expect(bus.enqueue('hakiri.queue.cl1', '2', utf8('2'))).rejects.toMatchObject(away);
      await expect(bus.request('hakiri.cl1.ask', utf8('?'), { timeoutMs: 5_000 })).rejects.toMatchObject(
        away,
      );
      await expect(substrate.documents.open({ team: 'cl1', doc: 'd' })).rejects.toMatchObject(away);
      await expect(substrate.lease.acquire('cl1', 'me', 1000)).rejects.toMatchObject(away);
      bus.publish('hakiri.cl1.lost', utf8('x'));

      await restartServer();
      expect(reconnects).toBe(1);
      expect(await bus.enqueue('hakiri.queue.cl1', '2', utf8('2'))).toEqual({ duplicate: false });
      expect(await bus.enqueue('hakiri.queue.cl1', '1', utf8('1'))).toEqual({ duplicate: true });
      await until(() => consumed.length === 2);
      expect(consumed).toEqual(['1', '2']);
      const reply = await bus.request('hakiri.cl1.ask', utf8('!'), { timeoutMs: 5_000 });
      expect(fromUtf8(reply)).toBe('!');
    },
    SLOW_MS,
  );

  test(
    '[CL2] a server killed while documents are written loses nothing that was acknowledged',
    async () => {
      const id = { team: 'cl2', doc: 'd' };
      let { epoch, position } = await substrate.documents.open(id);
      const acknowledged: string[] = [];
      let attempts = 0;
      for (let round = 0; round < 3; round += 1) {
        let killed: Promise<void> | undefined;
        for (let at = 0; at < 40; at += 1) {
          attempts += 1;
          const text = `entry ${attempts}`;
          if (at === 25) killed = server.kill();
          try {
            position = await substrate.documents.append(id, epoch, position, [utf8(text)]);
            acknowledged.push(text);
          } catch (error) {
            expect(error).toMatchObject({ kind: 'unavailable' });
            break;
          }
        }
        await killed;
        await until(() => !substrate.bus.connected());
        await restartServer();
        const loaded = await until(() => substrate.documents.open(id).catch(() => undefined), RECONNECT);
        ({ epoch, position } = loaded);
        const stored = loaded.entries.map(fromUtf8);
        // What was not acknowledged may be there or not, but only once and in its place.
        expect(stored.filter((text) => acknowledged.includes(text))).toEqual(acknowledged);
        expect(new Set(stored).size).toBe(stored.length);
        acknowledged.splice(0, acknowledged.length, ...stored);
      }
      expect(acknowledged.length).toBeGreaterThanOrEqual(75);
    },
    SLOW_MS,
  );

  test('[CL3] of two processes that write one document only the later goes on', async () => {
    const other = await open('two');
    const id = { team: 'cl3', doc: 'd' };
    const first = await substrate.documents.open(id);
    let position = await substrate.documents.append(id, first.epoch, 0, [utf8('a')]);
    const second = await other.documents.open(id);
    const race = await Promise.allSettled([
      substrate.documents.append(id, first.epoch, position, [utf8('x')]),
      other.documents.append(id, second.epoch, second.position, [utf8('b')]),
    ]);
    expect(race.map((one) => one.status)).toEqual(['rejected', 'fulfilled']);
    position = await other.documents.append(id, second.epoch, 2, [utf8('c')]);
    await other.documents.compact(id, second.epoch, 2, utf8('AB'));
    const third = await substrate.documents.open(id);
    expect(third.base && fromUtf8(third.base)).toBe('AB');
    expect(third.entries.map(fromUtf8)).toEqual(['c']);
    expect(third.position).toBe(position);
    await other.close();
  });
});
