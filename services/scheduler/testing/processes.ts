// For simulations: a scheduler's working parts on a database of its own connection, that can be killed at any statement,
// before it reaches the disk or after; what it had in memory is gone, what it had committed stays.
import type { Prng } from '@hakiri/base/prng';
import type { Revision } from '@hakiri/contracts/revision';
import { silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Bus } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Lease } from '@hakiri/substrate/lease';
import { type Database, openDatabase } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { createAdopter } from '../adopt.ts';
import { createAnnouncer } from '../announce.ts';
import { createClaims } from '../claims.ts';
import { createRuns } from '../runs.ts';
import { createRunStore } from '../store.ts';
import { createScheduleStore } from '../store-schedules.ts';
import { createTicker } from '../ticker.ts';
import { createWaiters } from '../waiters.ts';

export const LEASE_MS = 30_000;
const LATE_AFTER_MS = 5_000;
export class Killed extends Error {}

export type Shared = {
  url: string;
  migrations: string;
  blobs: BlobStore;
  bus: Bus;
  lease: Lease;
  clock: Clock;
  random: Random;
  prng: Prng;
};
export type Process = Awaited<ReturnType<typeof startProcess>>;

/** `dies` is asked at every batch whether it is the last. */
export async function startProcess(name: string, shared: Shared, dies: () => boolean) {
  const { clock, random, prng } = shared;
  let isDead = false;
  const real = await openDatabase(shared.url, shared.migrations);
  const check = (): void => {
    if (isDead) throw new Killed(name);
  };

  const orm: Database['orm'] = new Proxy(real.orm, {
    get: (target, property) => {
      check();
      if (property !== 'batch') return Reflect.get(target, property, target);
      const batch: Database['orm']['batch'] = async (statements) => {
        const ends = dies();
        if (ends && prng.below(2) === 0) kill();
        check();
        const results = await target.batch(statements);
        if (ends) kill();
        check();
        return results;
      };
      return batch;
    },
  });
  const database: Database = { ...real, orm, write: (work) => real.write(() => work(orm)) };
  const lease: Lease = {
    acquire: async (...args) => {
      check();
      return shared.lease.acquire(...args);
    },
    renew: async (...args) => {
      check();
      return shared.lease.renew(...args);
    },
    release: async (...args) => {
      check();
      return shared.lease.release(...args);
    },
  };

  const store = createRunStore(database);
  const schedules = createScheduleStore(database);
  const messaging = createMessaging({ bus: shared.bus, clock, random, logger: silentLogger });
  const after = {
    waiting: () => {},
    announced: () => {},
    ended: () => {},
    leaseEndsAt: (ms: number) => ticker.wakeAt(ms),
  };
  const announcer = createAnnouncer(messaging);
  const runs = createRuns({ store, announcer, clock, limits: { claimsLimit: 1_000 }, after });
  const claims = createClaims({ store, runs, waiters: createWaiters(clock), clock, leaseMs: LEASE_MS });
  const parts = {
    store,
    schedules,
    clock,
    random,
    logger: silentLogger,
    lateAfterMs: LATE_AFTER_MS,
    decided: () => {},
  };
  const ticker = createTicker({ ...parts, lease, holder: name, expireClaims: claims.expire });
  const adopter = createAdopter({
    ...parts,
    blobs: shared.blobs,
    messaging,
    caughtUp: ticker.caughtUp,
    adopted: ticker.nudge,
  });

  function kill(): void {
    if (isDead) return;
    isDead = true;
    ticker.stop().catch(() => undefined);
  }

  ticker.start();
  return {
    name,
    claims,
    store,
    schedules,
    kill,
    isDead: () => isDead,
    follow: adopter.follow,
    adopt: (team: string, revision: Revision) => adopter.adopt(team, revision, '00-0-0-00'),
    close: async () => {
      kill();
      await real.close();
    },
  };
}
