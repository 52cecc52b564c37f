// What a document that is awake keeps on the main thread.
import { expect, test } from 'bun:test';
import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { until } from '@hakiri/testing/until';
import { DEFAULTS } from '../config.ts';
import { LiveDocument } from '../document/live-document.ts';
import { createSyncMetrics } from '../metrics.ts';
import { HostPool } from '../pool/host-pool.ts';
import { startHostThread } from '../pool/host-thread.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { aLog } from '../testing/a-log.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';

/** Counts what the collector has not taken. */
function watched() {
  const refs: WeakRef<Uint8Array>[] = [];
  const watch = (bytes: Uint8Array): Uint8Array => {
    const own = new Uint8Array(bytes);
    refs.push(new WeakRef(own));
    return own;
  };
  const isGone = async (): Promise<boolean> => {
    // A collection leaves what the turn holds.
    await new Promise((resolve) => setImmediate(resolve));
    Bun.gc(true);
    return refs.length > 0 && refs.every((ref) => ref.deref() === undefined);
  };
  return { watch, isGone };
}

test('[SY3.1] of the log that was read nothing stays when nobody asked for it before an edit', async () => {
  const { watch, isGone } = watched();
  const { base, entries } = aLog();
  const read = () => ({ base: watch(base), entries: entries.map(watch), position: 1 });
  const log: DocumentLog = {
    open: async () => ({ ...read(), epoch: 1 }),
    append: async (_id, _epoch, position, group) =>
      position + (typeof group === 'function' ? group() : group).length,
    compact: async () => {},
    read: async () => read(),
    position: async () => 1,
    list: async () => ['main'],
  };
  const clock = createSimulatedClock();
  const metrics = createSyncMetrics(createMetrics('sync'));
  const hosts = { limits: DEFAULTS, clock, stallMs: 60_000, start: startHostThread };
  const pool = new HostPool({ ...hosts, size: 1, metrics });
  const scratch = new ScratchHost({ ...hosts, idleMs: 1_000 });
  const random = createSystemRandom();
  const live = new LiveDocument(
    { team: 'default', doc: 'main' },
    {
      log,
      pool,
      scratch,
      blobs: createMemoryBlobs(),
      clock,
      metrics,
      random,
      logger: silentLogger,
      config: DEFAULTS,
    },
    {
      onAwake: () => {},
      onFault: () => {},
      isCooling: () => false,
      onHarmful: () => {},
      onStopped: () => {},
    },
  );
  await until(() => live.life.isAwake);
  live.room.announce(new Uint8Array(3));
  await until(isGone, { what: 'base and entries are let go' });
  expect(live.life.isAwake).toBe(true);
  pool.end();
});
