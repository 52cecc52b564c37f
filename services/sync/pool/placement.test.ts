// Which worker a document is in: shared ones, one of its own when it is too big or too slow, and another when its worker keeps
// memory for nothing. Over whole documents, whose content stays whatever happens to their workers.
import { afterEach, describe, expect, test } from 'bun:test';
import { toHex } from '@hakiri/base/bytes';
import { createPrng } from '@hakiri/base/prng';
import type { Actor } from '@hakiri/contracts/envelope';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { Documents, type Hold } from '../document/documents.ts';
import { createSyncMetrics } from '../metrics.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { HostPool } from './host-pool.ts';
import { startHostThread } from './host-thread.ts';
import type { PlacementLimits } from './placement.ts';
import { ScratchHost } from './scratch-host.ts';

const MIB = 2 ** 20;
const ALICE: Actor = { kind: 'user', id: 'alice' };
const NOTHING = new Uint8Array();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Logs of many documents, in memory. */
function memoryLog(): DocumentLog {
  const logs = new Map<string, Uint8Array[]>();
  const epochs = new Map<string, number>();
  const of = (doc: string): Uint8Array[] => {
    const entries = logs.get(doc) ?? [];
    logs.set(doc, entries);
    return entries;
  };
  return {
    open: async ({ doc }) => {
      const epoch = (epochs.get(doc) ?? 0) + 1;
      epochs.set(doc, epoch);
      return { epoch, base: undefined, entries: [...of(doc)], position: of(doc).length };
    },
    append: async ({ doc }, _epoch, _position, more) => of(doc).push(...entriesOf(more)),
    compact: async () => {},
    read: async ({ doc }) => ({ base: undefined, entries: [...of(doc)], position: of(doc).length }),
    position: async ({ doc }) => of(doc).length,
    list: async () => [...logs.keys()],
  };
}

function bedOf(placement: Partial<PlacementLimits>, start = createLocalHosts().start) {
  const clock = createSimulatedClock();
  const registry = createMetrics('sync');
  const metrics = createSyncMetrics(registry);
  const config = { ...DEFAULTS, placement: { ...DEFAULTS.placement, ...placement } };
  const { workerStallMs: stallMs } = config;
  const pool = new HostPool({ start, limits: config, clock, stallMs, size: 1, metrics });
  const scratch = new ScratchHost({
    start: createLocalHosts().start,
    limits: config,
    clock,
    stallMs,
    idleMs: 1_000,
  });
  const blobs = createMemoryBlobs();
  const logger = silentLogger;
  const log = memoryLog();
  const documents = new Documents({
    log,
    pool,
    scratch,
    blobs,
    clock,
    random: createSystemRandom(),
    logger,
    metrics,
    config,
  });
  ends.push(async () => {
    await documents.stop();
    pool.end();
  });
  const hold = async (doc: string): Promise<Hold> => {
    const id = { team: 'default', doc };
    await documents.create(id, ALICE);
    const acquired = await documents.acquire(id, {});
    if (acquired.kind !== 'held') throw new Error(acquired.kind);
    return acquired.hold;
  };
  const metric = async (name: string): Promise<number> => {
    const text = await registry.registry.metrics();
    const lines = text.split('\n').filter((line) => line.startsWith(`hakiri_sync_${name}`));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  return { clock, pool, hold, metric };
}

let sockets = 0;
const prng = createPrng(7);
/** Text that nothing makes smaller. */
const noise = (length: number): string => toHex(prng.bytes(Math.ceil(length / 2)));

/** Writes `bytes` of text as somebody in the room does. */
async function write({ live }: Hold, key: string, bytes: number): Promise<void> {
  sockets += 1;
  const peer = { id: sockets, send: () => {}, sendCatchUp: () => {} };
  const identity = { user: 'alice', name: 'Alice' };
  const request = { identity, permission: 'write', version: NOTHING } as const;
  await new Promise((resolve) =>
    live.room.join(peer, { ...request, device: undefined, speaks: undefined }, resolve),
  );
  const doc = new LoroDoc();
  for (let part = 0; part * 50_000 < bytes; part++)
    doc.getMap('scratch').set(`${key}${part}`, noise(Math.min(bytes, 50_000)));
  doc.commit();
  live.room.update(peer, [doc.export({ mode: 'update' })], '0x0000000000000001');
  await contentOf(live);
  live.room.leave(peer.id);
}

async function contentOf(live: Hold['live']): Promise<Record<string, unknown>> {
  const { value } = await live.query<'bytes'>({ name: 'bytes', input: undefined });
  const doc = new LoroDoc();
  doc.import(value);
  return doc.getMap('scratch').toJSON();
}

describe('a worker of its own', () => {
  test('[SY8.6] for a document that is slow again and again; the others stay where they are', async () => {
    const hosts = createLocalHosts();
    const { clock, hold, metric } = bedOf({ slowWindowMs: 10_000 }, hosts.start);
    const [slow, quick] = [await hold('slow'), await hold('quick')];
    await write(slow, 'a', 10);
    expect(hosts.running()).toEqual([1]);
    hosts.tookMs = ({ document, kind }) => (document === 1 && kind === 'query' ? 251 : 1);
    const enough = Math.ceil(DEFAULTS.placement.slowTotalMs / 251);
    for (let count = 1; count < enough; count++) await contentOf(slow.live);
    expect(hosts.running()).toEqual([1]);
    // Long ago does not count.
    await clock.advance(10_000);
    for (let count = 0; count < enough; count++) {
      expect(hosts.running()).toEqual([1]);
      await contentOf(slow.live);
    }
    await until(() => hosts.running().length === 2);
    expect(Object.keys(await contentOf(slow.live))).toEqual(['a0']);
    expect(await contentOf(quick.live)).toEqual({});
    expect(await metric('moves_total')).toBe(1);
    expect(await metric('workers ')).toBe(2);
  });

  test('[SY8.6] for one that made the others wait a second at once; its opening does not count', async () => {
    const hosts = createLocalHosts();
    const { hold, metric } = bedOf({}, hosts.start);
    hosts.tookMs = ({ kind }) => (kind === 'open' ? 5_000 : 0);
    const [slow, quick] = [await hold('slow'), await hold('quick')];
    await write(slow, 'a', 10);
    hosts.tookMs = ({ document, kind }) => (document === 1 && kind === 'query' ? 999 : 249);
    await contentOf(slow.live);
    for (let count = 0; count < 50; count++) await contentOf(quick.live);
    expect(hosts.running()).toEqual([1]);
    hosts.tookMs = ({ document, kind }) => (document === 2 && kind === 'query' ? 1_000 : 0);
    await contentOf(quick.live);
    await until(() => hosts.running().length === 2);
    expect(await contentOf(quick.live)).toEqual({});
    expect(Object.keys(await contentOf(slow.live))).toEqual(['a0']);
    expect(await metric('moves_total')).toBe(1);
  });

  test('[SY8.6] for one that is large, from its opening; such workers are bounded, and end with their document', async () => {
    const hosts = createLocalHosts();
    const { hold, pool } = bedOf({ ownBytes: 1_000, ownWorkers: 1 }, hosts.start);
    const large = [await hold('one'), await hold('two')];
    for (const one of large) await write(one, 'x', 2_000);
    for (const { live } of large) await live.life.sleep();
    for (const { live } of large) await contentOf(live);
    expect(hosts.running()).toEqual([1, 2]);
    expect(pool.memory).toHaveLength(2);
    for (const { live } of large) await live.life.sleep();
    expect(hosts.running()).toEqual([1]);
  });

  test('[SY8.6] a document in which something always waits moves all the same, and every command is answered', async () => {
    const hosts = createLocalHosts();
    const { clock, hold } = bedOf({ slowTotalMs: 1 }, hosts.start);
    const slow = await hold('slow');
    await hold('quick');
    hosts.tookMs = ({ kind }) => (kind === 'query' ? 300 : 0);
    let answered = 0;
    let asked = 0;
    const ask = (): void => {
      asked += 1;
      const done = (): void => {
        answered += 1;
        if (hosts.running().length < 2) ask();
      };
      const command = { kind: 'query', input: { name: 'version', input: undefined } } as const;
      slow.live.life.perform<'query'>(command, done, done);
    };
    for (let count = 0; count < 3; count++) ask();
    await until(() => answered > 3);
    expect(hosts.running()).toEqual([1]);
    await clock.advance(3_000);
    await until(() => hosts.running().length === 2 && answered === asked);
  });
});

describe('memory of workers', () => {
  test('[SY8.5] a worker that keeps memory for nothing is emptied document by document and ended', async () => {
    const hosts = createLocalHosts();
    const { hold, metric } = bedOf({ recycleBytes: MIB }, hosts.start);
    const holds: Hold[] = [];
    for (const doc of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) holds.push(await hold(doc));
    const [first, second, ...others] = holds;
    if (first === undefined || second === undefined) throw new Error('eight are held');
    await write(first, 'k', 10);
    hosts.wasmBytes = (host) => (host === 1 ? 2 * MIB : 0);
    for (const { live } of others.slice(0, 5)) await live.life.sleep();
    expect(hosts.running()).toEqual([1]);
    await others[5]?.live.life.sleep();
    await until(() => hosts.running().join() === '2');
    expect(Object.keys(await contentOf(first.live))).toEqual(['k0']);
    expect(await contentOf(second.live)).toEqual({});
    expect(await metric('workers_recycled_total')).toBe(1);
    expect(await metric('documents_awake')).toBe(2);
    expect(await metric('documents_asleep')).toBe(6);
  });

  test('[SY8.4] past the bound of the pool the least used sleep and a real worker gives its memory back', async () => {
    const { clock, pool, hold, metric } = bedOf(
      { memoryBytes: 12 * MIB, recycleAgeMs: 0, pressurePauseMs: 60_000 },
      startHostThread,
    );
    const holds: Hold[] = [];
    for (const doc of ['a', 'b', 'c', 'd']) {
      await clock.advance(1_000);
      const one = await hold(doc);
      await contentOf(one.live);
      holds.push(one);
    }
    const bytes = (): number => pool.memory.reduce((sum, worker) => sum + worker.bytes, 0);
    await until(() => bytes() > 0);
    const [worker] = pool.memory;
    const last = holds.at(-1);
    if (last === undefined) throw new Error('four are held');
    let rounds = 0;
    for (; rounds < 40 && (await metric('workers_recycled_total')) === 0; rounds++)
      await write(last, `k${rounds}`, 200_000);
    await until(() => pool.memory.every((one) => one.worker !== worker?.worker));
    expect(holds.map(({ live }) => live.life.isAwake)[0]).toBe(false);
    expect(await metric('worker_memory_bytes')).toBe(bytes());
    expect(Object.keys(await contentOf(last.live))).toHaveLength(4 * rounds);
    for (const { live } of holds.slice(0, 3)) expect(await contentOf(live)).toEqual({});
  });
});
