// The replica store of a browser: IndexedDB, shared by the tabs; Web Locks say which of them live, BroadcastChannel connects them.
import { DeviceId } from '@hakiri/contracts/join';
import { Check } from '@sinclair/typebox/value';
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import {
  type Locks,
  NO_FACTS,
  NO_LOCKS,
  newDevice,
  openTabChannel,
  placeName,
  type Release,
  type ReplicaEntry,
  type ReplicaLog,
  type ReplicaPlace,
  type ReplicaStore,
  readFacts,
  type StoredReplica,
} from './replica-store.ts';

interface Schema extends DBSchema {
  heads: { key: string; value: { generation: number; facts: unknown } };
  /** Apart: facts change every moment, and a base may be megabytes, which a browser copies at each look. */
  bases: { key: string; value: Uint8Array };
  entries: { key: number; value: ReplicaEntry & { place: string }; indexes: { place: string } };
  device: { key: 'id'; value: string };
}

/** A tab may crash and the power may fail right after: relaxed, the default, lets a commit wait in the system's memory. */
const DURABLE = { durability: 'strict' } as const;
const STORES: ['heads', 'bases', 'entries'] = ['heads', 'bases', 'entries'];
const VERSION = 2;

export function createBrowserReplicas(name = 'hakiri'): ReplicaStore {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  const database = (): Promise<IDBPDatabase<Schema>> => {
    opened ??= openDB<Schema>(name, VERSION, {
      async upgrade(db, before, _now, transaction) {
        db.createObjectStore('bases');
        if (before > 0) return moveBases(transaction);
        db.createObjectStore('heads');
        db.createObjectStore('entries', { autoIncrement: true }).createIndex('place', 'place');
        db.createObjectStore('device');
      },
      // A newer page wants another version: this one lets go, and goes on without keeping.
      blocking: (_current, _blocked, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    });
    return opened;
  };
  return {
    async device() {
      const transaction = (await database()).transaction('device', 'readwrite', DURABLE);
      const known = await transaction.store.get('id');
      if (Check(DeviceId, known)) return known;
      const fresh = newDevice();
      await transaction.store.put(fresh, 'id');
      await transaction.done;
      return fresh;
    },
    open: async (place) => openLog(await database(), place),
  };
}

function openLog(db: IDBPDatabase<Schema>, place: ReplicaPlace): ReplicaLog {
  const name = placeName(place);
  const write = () => db.transaction(STORES, 'readwrite', DURABLE);
  const writeFacts = () => db.transaction('heads', 'readwrite', DURABLE);
  type Writing = ReturnType<typeof write>;
  const NEW = { generation: 0, facts: NO_FACTS };

  const head = async (transaction: Writing) => (await transaction.objectStore('heads').get(name)) ?? NEW;

  async function removeEntries(transaction: Writing, last: number): Promise<void> {
    let cursor = await transaction.objectStore('entries').index('place').openCursor(name);
    while (cursor) {
      if (cursor.primaryKey <= last) await cursor.delete();
      cursor = await cursor.continue();
    }
  }

  return {
    async read() {
      const transaction = db.transaction(STORES);
      const stored = await transaction.objectStore('heads').get(name);
      const base = await transaction.objectStore('bases').get(name);
      // At once: a cursor costs a turn for each, and there are thousands.
      const index = transaction.objectStore('entries').index('place');
      const [values, keys] = await Promise.all([index.getAll(name), index.getAllKeys(name)]);
      const entries = values.flatMap(({ kind, bytes }) =>
        bytes instanceof Uint8Array ? { kind, bytes } : [],
      );
      const replica: StoredReplica = {
        generation: stored?.generation ?? 0,
        base: base instanceof Uint8Array ? base : undefined,
        facts: readFacts(stored?.facts),
        entries,
        last: keys.at(-1) ?? 0,
      };
      return replica;
    },
    async append(entries) {
      const transaction = db.transaction('entries', 'readwrite', DURABLE);
      for (const entry of entries) void transaction.store.add({ ...entry, place: name }).catch(() => {});
      // Without it a page that goes away in this turn takes its last words with it: until the answers came, an unload aborts.
      transaction.commit();
      await transaction.done;
    },
    async change(change) {
      const transaction = writeFacts();
      const stored = (await transaction.store.get(name)) ?? NEW;
      await transaction.store.put({ ...stored, facts: change(readFacts(stored.facts)) }, name);
      transaction.commit();
      await transaction.done;
    },
    async fold({ generation, base, last }) {
      const transaction = write();
      const stored = await head(transaction);
      if (stored.generation !== generation) return false;
      await transaction.objectStore('heads').put({ ...stored, generation: generation + 1 }, name);
      await transaction.objectStore('bases').put(base, name);
      await removeEntries(transaction, last);
      transaction.commit();
      await transaction.done;
      return true;
    },
    async reset(facts) {
      const transaction = write();
      const { generation } = await head(transaction);
      await transaction.objectStore('heads').put({ generation: generation + 1, facts }, name);
      await transaction.objectStore('bases').delete(name);
      await removeEntries(transaction, Number.POSITIVE_INFINITY);
      transaction.commit();
      await transaction.done;
    },
    locks: createWebLocks(name),
    channel: openTabChannel(place),
    close() {},
  };
}

/** Until version 2 a base stood in its head. */
async function moveBases(
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
): Promise<void> {
  let cursor = await transaction.objectStore('heads').openCursor();
  while (cursor) {
    const { generation, facts, ...rest } = cursor.value;
    const base = 'base' in rest ? rest.base : undefined;
    if (base instanceof Uint8Array) await transaction.objectStore('bases').put(base, cursor.key);
    await cursor.update({ generation, facts });
    cursor = await cursor.continue();
  }
}

/** Locks exist on https and on localhost only. */
function createWebLocks(place: string): Locks {
  if (!navigator.locks) return NO_LOCKS;
  const request = (name: string, options: LockOptions): Promise<Release | undefined> => {
    return new Promise((resolve) => {
      const held = (lock: Lock | null): Promise<void> | undefined => {
        if (!lock) return void resolve(undefined);
        return new Promise((release) => resolve(release));
      };
      navigator.locks.request(`hakiri-${place}-${name}`, options, held).catch(() => resolve(undefined));
    });
  };
  return {
    tryHold: (name) => request(name, { ifAvailable: true }),
    hold: (name, signal) => request(name, { signal }),
  };
}
