// Lease for one process that owns its data directory: holders in memory, epochs on disk, so that an epoch of an earlier
// run of the process is never given again.
import { createSerial } from '@hakiri/base/serial';
import type { Client } from '@libsql/client';
import type { Clock } from '../clock.ts';
import type { Lease } from '../lease.ts';

const SCHEMA = 'CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL)';
const NEXT_EPOCH = `INSERT INTO lease (name, epoch) VALUES (?, 1)
  ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1 RETURNING epoch`;

type Held = { holder: string; epoch: number; until: number };

export async function openEmbeddedLease(client: Client, clock: Clock): Promise<Lease> {
  await client.execute(SCHEMA);
  const held = new Map<string, Held>();

  function current(name: string): Held | undefined {
    const lease = held.get(name);
    return lease && lease.until > clock.now() ? lease : undefined;
  }

  /** Between the look and the write nobody else may take it. */
  const { run: alone } = createSerial();

  return {
    acquire: (name, holder, ttlMs) =>
      alone(async () => {
        const lease = current(name);
        if (lease && lease.holder !== holder) return { kind: 'taken', by: lease.holder };
        if (lease) {
          lease.until = clock.now() + ttlMs;
          return { kind: 'held', epoch: lease.epoch };
        }
        const next = await client.execute({ sql: NEXT_EPOCH, args: [name] });
        const epoch = Number(next.rows[0]?.epoch);
        held.set(name, { holder, epoch, until: clock.now() + ttlMs });
        return { kind: 'held', epoch };
      }),
    renew: (name, holder, epoch, ttlMs) =>
      alone(async () => {
        const lease = current(name);
        if (lease?.holder !== holder || lease.epoch !== epoch) return false;
        lease.until = clock.now() + ttlMs;
        return true;
      }),
    release: (name, holder, epoch) =>
      alone(async () => {
        const lease = held.get(name);
        if (lease?.holder === holder && lease.epoch === epoch) held.delete(name);
      }),
  };
}
