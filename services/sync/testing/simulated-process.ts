// One process of sync, whole but for the network, the disk and the threads: connections, seats, rooms, documents and the pool.
// It can die between any two steps.

import { silentLogger } from '@hakiri/service/logger';
import { createMetrics } from '@hakiri/service/metrics';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { seededRandom } from '@hakiri/testing/seeded-random';
import { DEFAULTS, type SyncConfig } from '../config.ts';
import { Documents } from '../document/documents.ts';
import { createSyncMetrics, type SyncMetrics } from '../metrics.ts';
import { HostPool } from '../pool/host-pool.ts';
import { ScratchHost } from '../pool/scratch-host.ts';
import { Connection } from '../socket/connection.ts';
import { Deadlines } from '../socket/deadlines.ts';
import { createTurn } from '../socket/outbox.ts';
import { createMemoryBlobs } from './memory-blobs.ts';
import { SimulatedHosts } from './simulated-hosts.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import { createTestGuard } from './test-guard.ts';

/** Small, so that every bound is met. */
export const SIMULATED_CONFIG: SyncConfig = Object.freeze({
  ...DEFAULTS,
  deltaCounters: 30,
  compactEntries: 12,
  sleepMs: 2_000,
  unloadMs: 3_000,
  documentsAwake: 1,
  pending: { bytes: 600, counters: 200 },
  queueBytes: 6_000,
  backlogBytes: 4_000,
  workers: 2,
  workerStallMs: 1_500,
  stallMs: 4_000,
});
const METRICS = createSyncMetrics(createMetrics('sync'));

export type SimulatedProcessOptions = {
  number: number;
  seed: number;
  log: DocumentLog;
  clock: Clock;
  /** Something happened that operators count. */
  count(what: string): void;
};

export class SimulatedProcess {
  readonly number: number;
  readonly hosts = new SimulatedHosts();
  readonly documents: Documents;
  readonly #pool: HostPool;
  readonly #sockets = new Map<Connection, SimulatedSocket>();
  readonly #timers = new Set<Timer>();
  readonly #connectionDeps: ConstructorParameters<typeof Connection>[1];
  #lastConnection = 0;
  isDead = false;

  constructor({ number, seed, log, clock: shared, count }: SimulatedProcessOptions) {
    this.number = number;
    const metrics = countingMetrics(count);
    const clock = this.#clockFrom(shared);
    const [config, logger] = [SIMULATED_CONFIG, silentLogger];
    const { workers: size, workerStallMs: stallMs } = config;
    this.#pool = new HostPool({ start: this.hosts.start, limits: config, clock, stallMs, size, metrics });
    const random = seededRandom(seed * 1_000 + number);
    const scratch = new ScratchHost({
      start: this.hosts.start,
      limits: config,
      clock,
      stallMs,
      idleMs: 1_000,
    });
    const host = { pool: this.#pool, scratch };
    const blobs = createMemoryBlobs();
    this.documents = new Documents({ ...host, log, blobs, clock, random, logger, metrics, config });
    this.#connectionDeps = {
      ...{ guard: createTestGuard(clock.now), documents: this.documents, clock, logger, metrics, config },
      ...{ turn: createTurn(), expiries: new Deadlines(clock), roomless: new Deadlines(clock) },
      isArchived: async () => false,
      onClosed: (connection) => void this.#sockets.delete(connection),
    };
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  connect(socket: SimulatedSocket): void {
    this.#lastConnection += 1;
    const connection = new Connection(this.#lastConnection, this.#connectionDeps);
    this.#sockets.set(connection, socket);
    socket.connect(connection);
  }

  die(): void {
    this.isDead = true;
    for (const socket of this.#sockets.values()) socket.cut();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.hosts.end();
  }

  /** Timers end with the process. */
  #clockFrom(clock: Clock): Clock {
    return {
      now: clock.now,
      monotonic: clock.monotonic,
      sleep: clock.sleep,
      after: (delayMs, run) => {
        const timer = clock.after(delayMs, () => {
          this.#timers.delete(own);
          if (!this.isDead) run();
        });
        const own: Timer = {
          cancel: () => {
            timer.cancel();
            this.#timers.delete(own);
          },
        };
        this.#timers.add(own);
        return own;
      },
    };
  }
}

function countingMetrics(count: (what: string) => void): SyncMetrics {
  return {
    ...METRICS,
    slept: () => count('sleeps'),
    refused: (reason) => count(`refused ${reason}`),
    logNotKept: (event) => count(event),
    cutOff: (reason) => count(`cut off ${reason}`),
    noticed: () => count('notices'),
    joined: (kind) => count(`joined ${kind}`),
  };
}
