// What every Lease promises, as tests. The rules LE1 … are in libs/substrate/README.md.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Lease } from '@hakiri/substrate/lease';
import type { SimulatedClock } from './simulated-clock.ts';

export type LeaseFixture = {
  lease: Lease;
  clock: SimulatedClock;
  /** The same leases after a restart of the process. */
  reopen(): Promise<Lease>;
  close(): Promise<void>;
};

const TTL_MS = 10_000;

export function leaseContract(label: string, make: () => Promise<LeaseFixture>): void {
  describe(`lease: ${label}`, () => {
    let fixture: LeaseFixture;
    let lease: Lease;
    let name: string;
    beforeEach(async () => {
      fixture = await make();
      lease = fixture.lease;
      name = `job.${crypto.randomUUID()}`;
    });
    afterEach(() => fixture.close());

    async function hold(holder: string): Promise<number> {
      const acquired = await lease.acquire(name, holder, TTL_MS);
      if (acquired.kind !== 'held') throw new Error(`taken by ${acquired.by}`);
      return acquired.epoch;
    }

    test('[LE1] one holder at a time; the holder itself acquires again with the same epoch', async () => {
      const epoch = await hold('a');
      expect(await lease.acquire(name, 'b', TTL_MS)).toEqual({ kind: 'taken', by: 'a' });
      expect(await hold('a')).toBe(epoch);
    });

    test('[LE2] of many that acquire at once one holds', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, at) => lease.acquire(name, `h${at}`, TTL_MS)),
      );
      expect(outcomes.filter((one) => one.kind === 'held')).toHaveLength(1);
    });

    test('[LE3] an expired lease is free, with a greater epoch, and its old holder knows', async () => {
      const epoch = await hold('a');
      await fixture.clock.advance(TTL_MS + 1);
      expect(await hold('b')).toBeGreaterThan(epoch);
      expect(await lease.renew(name, 'a', epoch, TTL_MS)).toBe(false);
      expect(await lease.acquire(name, 'a', TTL_MS)).toEqual({ kind: 'taken', by: 'b' });
    });

    test('[LE4] renewing keeps it; one that expired is lost even when nobody took it', async () => {
      const epoch = await hold('a');
      for (let round = 0; round < 3; round += 1) {
        await fixture.clock.advance(TTL_MS - 1);
        expect(await lease.renew(name, 'a', epoch, TTL_MS)).toBe(true);
      }
      expect(await lease.renew(name, 'b', epoch, TTL_MS)).toBe(false);
      expect(await lease.renew(name, 'a', epoch + 1, TTL_MS)).toBe(false);
      await fixture.clock.advance(TTL_MS + 1);
      expect(await lease.renew(name, 'a', epoch, TTL_MS)).toBe(false);
      expect(await hold('a')).toBeGreaterThan(epoch);
    });

    test('[LE5] a released lease is free, with a greater epoch; only its holder releases it', async () => {
      const epoch = await hold('a');
      await lease.release(name, 'b', epoch);
      await lease.release(name, 'a', epoch + 1);
      expect(await lease.acquire(name, 'b', TTL_MS)).toEqual({ kind: 'taken', by: 'a' });
      await lease.release(name, 'a', epoch);
      expect(await hold('b')).toBeGreaterThan(epoch);
      await lease.release('never-held', 'a', 1);
    });

    test('[LE6] no epoch is given twice, not even after a restart', async () => {
      const epoch = await hold('a');
      await lease.release(name, 'a', epoch);
      lease = await fixture.reopen();
      expect(await hold('b')).toBeGreaterThan(epoch);
    });
  });
}
