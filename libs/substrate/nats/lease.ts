// Lease in a JetStream key-value bucket: one key a lease, changed by compare-and-set. The expiry lies in the value, measured
// by the clocks of those who share it, so their difference must stay small against the time to live. Keys never expire
// or go: the epoch in them must not start again.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { isRecord } from '@hakiri/base/json';
import type { KV } from 'nats';
import { BusError } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Acquired, Lease } from '../lease.ts';
import { apiErrorCode, type Connection, WRONG_LAST_SEQUENCE } from './connection.ts';

const BUCKET = 'HAKIRI_LEASES';
const TIMEOUT_MS = 5_000;
/** Somebody else changed the key between our look and our write this often. */
const TRIES = 20;

type Value = { holder: string; epoch: number; until: number };
type Entry = { value: Value; revision: number };

/** Errors are BusError `unavailable`: whether something was written is then unknown. */
export async function openNatsLease(connection: Connection, clock: Clock, replicas: number): Promise<Lease> {
  const bucket = await connection.nats
    .jetstream({ timeout: TIMEOUT_MS })
    .views.kv(BUCKET, { history: 1, replicas });

  function current(entry: Entry | undefined): Value | undefined {
    return entry && entry.value.until > clock.now() ? entry.value : undefined;
  }

  async function acquireOnce(name: string, holder: string, ttlMs: number): Promise<Acquired | undefined> {
    const entry = await read(bucket, name);
    const held = current(entry);
    if (held && held.holder !== holder) return { kind: 'taken', by: held.holder };
    const epoch = held ? held.epoch : (entry?.value.epoch ?? 0) + 1;
    const written = await write(bucket, name, { holder, epoch, until: clock.now() + ttlMs }, entry);
    return written ? { kind: 'held', epoch } : undefined;
  }

  /** Changes the lease when `holder` has it in this epoch. A lost race is looked at again: it may have been our own renewal. */
  function change(name: string, holder: string, epoch: number, until: () => number): Promise<boolean> {
    return unavailable(connection, () =>
      retried(async () => {
        const entry = await read(bucket, name);
        const held = current(entry);
        if (held?.holder !== holder || held.epoch !== epoch) return false;
        return (await write(bucket, name, { holder, epoch, until: until() }, entry)) || undefined;
      }),
    );
  }

  return {
    acquire: (name, holder, ttlMs) =>
      unavailable(connection, () => retried(() => acquireOnce(name, holder, ttlMs))),
    renew: (name, holder, epoch, ttlMs) => change(name, holder, epoch, () => clock.now() + ttlMs),
    release: async (name, holder, epoch) => {
      await change(name, holder, epoch, () => 0);
    },
  };
}

async function retried<T>(once: () => Promise<T | undefined>): Promise<T> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const result = await once();
    if (result !== undefined) return result;
  }
  throw new Error('the lease changes too often');
}

async function read(bucket: KV, name: string): Promise<Entry | undefined> {
  const found = await bucket.get(name);
  if (found === null) return undefined;
  const value: unknown = JSON.parse(fromUtf8(found.value));
  if (!isRecord(value)) throw new Error(`the lease ${name} is not ours`);
  const { holder, epoch, until } = value;
  if (typeof holder !== 'string' || typeof epoch !== 'number' || typeof until !== 'number')
    throw new Error(`the lease ${name} is not ours`);
  return { value: { holder, epoch, until }, revision: found.revision };
}

/** False when somebody else wrote since `before` was read. */
async function write(bucket: KV, name: string, value: Value, before: Entry | undefined): Promise<boolean> {
  const bytes = utf8(JSON.stringify(value));
  try {
    if (before) await bucket.update(name, bytes, before.revision);
    else await bucket.create(name, bytes);
    return true;
  } catch (error) {
    if (apiErrorCode(error) === WRONG_LAST_SEQUENCE) return false;
    throw error;
  }
}

async function unavailable<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await connection.whileConnected(work);
  } catch (cause) {
    throw new BusError('unavailable', 'the lease could not be read or written', { cause });
  }
}
