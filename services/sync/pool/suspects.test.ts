// A document that ends workers whenever it is opened: the others are disturbed once, and after a few losses it is refused.
import { afterEach, expect, test } from 'bun:test';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { entriesOf } from '@hakiri/substrate/log-group';
import { createSystemRandom } from '@hakiri/substrate/random';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { DEFAULTS } from '../config.ts';
import { Documents } from '../document/documents.ts';
import { encodeRecord } from '../document/record.ts';
import { createSyncMetrics } from '../metrics.ts';
import { anEdit } from '../testing/bed.ts';
import { createLocalHosts } from '../testing/local-host.ts';
import { createMemoryBlobs } from '../testing/memory-blobs.ts';
import { HostPool } from './host-pool.ts';
import { ScratchHost } from './scratch-host.ts';

const MINUTE_MS = 60_000;
const actor = { kind: 'user', id: 'alice' } as const;
const POISON = encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update: anEdit('7', 'x', '7') });
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function bed(how: 'traps' | 'hangs') {
  const clock = createSimulatedClock();
  const hosts = createLocalHosts();
  const opened: string[] = [];
  const refusals: string[] = [];
  const log: DocumentLog = {
    open: async ({ doc }) => {
      opened.push(doc);
      const entries = doc === 'bad' ? [POISON] : [];
      return { epoch: opened.length, base: undefined, entries, position: entries.length };
    },
    append: async (_id, _epoch, position, more) => position + entriesOf(more).length,
    compact: async () => {},
    read: async () => ({ base: undefined, entries: [], position: 0 }),
    position: async () => 0,
    list: async () => ['good', 'bad'],
  };
  const logger: Logger = {
    ...silentLogger,
    error: (event) => {
      if (event === 'document_refused') refusals.push(event);
    },
  };
  const registry = createMetrics('sync');
  const metrics = createSyncMetrics(registry);
  const { start } = hosts;
  const stallMs = DEFAULTS.workerStallMs;
  const pool = new HostPool({ start, limits: DEFAULTS, clock, stallMs, size: 1, metrics });
  const scratch = new ScratchHost({ start, limits: DEFAULTS, clock, stallMs, idleMs: 1_000 });
  const documents = new Documents({
    log,
    pool,
    scratch,
    blobs: createMemoryBlobs(),
    clock,
    random: createSystemRandom(),
    logger,
    metrics,
    config: DEFAULTS,
  });
  ends.push(async () => {
    await documents.stop();
    pool.end();
  });
  hosts.sabotage = (order) => {
    if (order.kind !== 'open' || order.input.entries.length === 0) return undefined;
    return how === 'hangs' ? 'hangs' : { kind: 'trapped', error: 'unreachable' };
  };
  /** Opens it and asks it something; the time that a hang takes passes meanwhile. */
  const visit = async (doc: string): Promise<string> => {
    const acquired = await documents.acquire({ team: 't', doc }, {});
    if (acquired.kind !== 'held') return acquired.kind;
    let outcome: string | undefined;
    void acquired.hold.live.query({ name: 'version', input: undefined }).then(
      () => {
        outcome = 'answered';
      },
      () => {
        outcome = 'failed';
      },
    );
    while (outcome === undefined) {
      await clock.advance(how === 'hangs' && doc === 'bad' ? stallMs : 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return outcome;
  };
  const openings = (doc: string): number => opened.filter((one) => one === doc).length;
  const refused = async (): Promise<string | undefined> =>
    /^hakiri_sync_documents_refused_total (.*)$/m.exec(await registry.registry.metrics())?.[1];
  return { clock, hosts, visit, openings, refusals, refused };
}

for (const how of ['traps', 'hangs'] as const)
  test(`[SY11.16] a document whose opening ${how} disturbs the others once, and is refused after three losses`, async () => {
    const { clock, hosts, visit, openings, refusals, refused } = bed(how);
    expect(await visit('good')).toBe('answered');
    expect(await visit('bad')).toBe('failed');
    expect(openings('bad')).toBe(3);
    const disturbed = openings('good');
    expect(disturbed).toBeLessThanOrEqual(2);
    for (let join = 0; join < 10; join++) expect(await visit('bad')).toBe('unavailable');
    expect([openings('bad'), openings('good'), refusals.length]).toEqual([3, disturbed, 1]);
    expect(await refused()).toBe('1');
    expect(await visit('good')).toBe('answered');

    // One loss is enough then, in a worker that nobody shares.
    await clock.advance(11 * MINUTE_MS);
    expect(await visit('bad')).toBe('failed');
    expect(await visit('bad')).toBe('unavailable');
    expect([openings('bad'), refusals.length]).toEqual([4, 2]);

    await clock.advance(11 * MINUTE_MS);
    hosts.sabotage = undefined;
    expect(await visit('bad')).toBe('answered');
  });
