// Bases beside the live document: made from the log in a host of their own, and no harm when that goes wrong.
import { expect, test } from 'bun:test';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { EMPTY_HISTORY } from '../history/archives.ts';
import type { Answer } from '../host/host.ts';
import { createSyncMetrics } from '../metrics.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { anEdit } from '../testing/bed.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { decodeBase } from './base.ts';
import { LogKeeper } from './log-keeper.ts';
import { encodeRecord } from './record.ts';

const ID = { team: 'default', doc: 'main' };
const STALL_MS = 1_000;

function keeperOf(counters: Map<`${number}`, number>) {
  const registry = createMetrics('sync');
  const clock = createSimulatedClock();
  const hosts = createLocalHosts();
  const actor = { kind: 'user', id: 'alice' } as const;
  const entries = (['7', '8'] as const).map((peer) =>
    encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update: anEdit(peer, 'x', peer) }),
  );
  const log: DocumentLog = {
    open: async () => ({ epoch: 1, base: undefined, entries, position: 2 }),
    read: async () => ({ base: undefined, entries, position: 2 }),
    position: async () => 2,
    append: async () => 2,
    compact: async () => {},
    list: async () => ['main'],
  };
  const { start } = hosts;
  const scratch = new ScratchHost({ start, limits: DEFAULTS, clock, stallMs: STALL_MS, idleMs: 5_000 });
  const keeper = new LogKeeper(
    ID,
    {
      log,
      scratch,
      blobs: createMemoryBlobs(),
      clock,
      random: createSystemRandom(),
      logger: silentLogger,
      metrics: createSyncMetrics(registry),
      config: DEFAULTS,
    },
    { counters: () => counters, applied: () => undefined, looked: async () => {} },
  );
  keeper.opened({ history: EMPTY_HISTORY, begunMs: 1 });
  const failures = async (): Promise<boolean> =>
    (await registry.registry.metrics()).includes('log_keeping_failures_total{');
  return { keeper, hosts, clock, scratch, failures };
}

const HELD = new Map<`${number}`, number>([
  ['7', 1],
  ['8', 1],
]);
const durable = async (): Promise<boolean> => true;

test('[SY7.16] a base says what the log says', async () => {
  const { keeper } = keeperOf(HELD);
  const made = await keeper.makeBase(durable);
  if (made === undefined) throw new Error('no base');
  const { snapshot, leases, receipts, begunMs } = decodeBase(made.base);
  const doc = new LoroDoc();
  doc.import(snapshot);
  expect(doc.getMap('scratch').toJSON()).toEqual({ 7: 'x', 8: 'x' });
  expect(leases?.map(({ peer, user }) => [peer, user])).toEqual([
    ['7', 'alice'],
    ['8', 'alice'],
  ]);
  expect(receipts).toHaveLength(2);
  expect([begunMs, made.content.position]).toEqual([1, 2]);
});

for (const kind of ['read', 'base', 'check'] as const)
  for (const end of ['failed', 'trapped', 'hangs'] as const)
    test(`[SY7.16] a host that ${end} at "${kind}" gives no base; the next attempt does`, async () => {
      const { keeper, hosts, clock } = keeperOf(HELD);
      let isHit = false;
      hosts.sabotage = (order): Answer | 'hangs' | undefined => {
        if (order.kind !== kind || isHit) return undefined;
        isHit = true;
        return end === 'hangs' ? end : { kind: end, error: 'on purpose' };
      };
      const attempt = keeper.makeBase(durable);
      await until(() => isHit);
      if (end === 'hangs') await clock.advance(3 * STALL_MS);
      expect(await attempt).toBeUndefined();
      expect(await keeper.makeBase(durable)).toBeDefined();
      expect(hosts.started()).toBe(end === 'failed' ? 1 : 2);
    });

test('[SY7.16] no base of a log that is not what the document was told to hold', async () => {
  const ahead = new Map([...HELD, ['9', 1] as const]);
  const behind = new Map([['7', 1] as const]);
  for (const counters of [ahead, behind])
    expect(await keeperOf(counters).keeper.makeBase(durable)).toBeUndefined();
  expect(await keeperOf(HELD).keeper.makeBase(async () => false)).toBeUndefined();
});

test('[SY7.16] a base that is under way when sync stops is no failure; one that traps is', async () => {
  for (const end of ['stops', 'traps']) {
    const { keeper, hosts, scratch, failures } = keeperOf(HELD);
    let isHit = false;
    hosts.sabotage = ({ kind }): Answer | 'hangs' | undefined => {
      if (kind !== 'base') return undefined;
      isHit = true;
      return end === 'stops' ? 'hangs' : { kind: 'trapped', error: 'on purpose' };
    };
    const attempt = keeper.makeBase(durable);
    await until(() => isHit);
    if (end === 'stops') await scratch.end();
    expect(await attempt).toBeUndefined();
    expect(await failures()).toBe(end === 'traps');
    expect(await keeper.makeBase(durable)).toBeUndefined();
  }
});

test('[SY7.16] the host ends when there is nothing to do', async () => {
  const { keeper, hosts, clock } = keeperOf(HELD);
  await keeper.makeBase(durable);
  await keeper.makeBase(durable);
  expect(hosts.started()).toBe(1);
  await clock.advance(6_000);
  await keeper.makeBase(durable);
  expect(hosts.started()).toBe(2);
});
