// The replica store of a program under Bun: one SQLite file, which several processes may use at once. SQLite writes, syncs and
// recovers a torn tail; a rename of whole files would lose what another process appended meanwhile.
import { Database } from 'bun:sqlite';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Check, Decode } from '@sinclair/typebox/value';
import { parseJson } from './errors.ts';
import {
  type Locks,
  NO_FACTS,
  newDevice,
  openTabChannel,
  placeName,
  type Release,
  type ReplicaEntry,
  type ReplicaLog,
  type ReplicaPlace,
  type ReplicaStore,
  readFacts,
} from './replica-store.ts';
import { pause } from './wait.ts';

const BUSY_LIMIT_MS = 5_000;
/** How often a lock of another process is looked at: nothing tells when that one ends. */
const LOCK_POLL_MS = 500;

const Head = Type.Object({
  generation: Type.Integer(),
  base: Type.Union([Type.Uint8Array(), Type.Null()]),
  facts: Type.String(),
});
const Row = Type.Object({
  seq: Type.Integer(),
  kind: Type.Union([Type.Literal('local'), Type.Literal('remote')]),
  bytes: Type.Uint8Array(),
});

/** @param folder of one server and one installation; made when it is not there, readable by its owner alone. */
export function createFileReplicas(folder: string): ReplicaStore & { close(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'replicas.db');
  const db = new Database(path, { create: true });
  chmodSync(path, 0o600);
  db.run(`PRAGMA busy_timeout = ${BUSY_LIMIT_MS}`);
  db.run('PRAGMA journal_mode = WAL');
  db.run('PRAGMA synchronous = FULL');
  db.run(
    'CREATE TABLE IF NOT EXISTS head (place TEXT PRIMARY KEY, generation INTEGER NOT NULL, base BLOB, facts TEXT NOT NULL)',
  );
  db.run(
    'CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, kind TEXT NOT NULL, bytes BLOB NOT NULL)',
  );
  db.run('CREATE INDEX IF NOT EXISTS entry_place ON entry (place, seq)');
  db.run('CREATE TABLE IF NOT EXISTS device (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL)');
  return {
    async device() {
      db.run('INSERT OR IGNORE INTO device VALUES (1, ?)', [newDevice()]);
      const row: unknown = db.query('SELECT id FROM device').get();
      return Decode(Type.Object({ id: Type.String() }), row).id;
    },
    open: async (place) => openLog(db, folder, place),
    close: () => db.close(),
  };
}

function openLog(db: Database, folder: string, place: ReplicaPlace): ReplicaLog {
  const name = placeName(place);

  function head(): Static<typeof Head> {
    const row: unknown = db.query('SELECT generation, base, facts FROM head WHERE place = ?').get(name);
    return Check(Head, row) ? row : { generation: 0, base: null, facts: JSON.stringify(NO_FACTS) };
  }
  function putHead(next: Static<typeof Head>): void {
    db.run('INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?)', [name, next.generation, next.base, next.facts]);
  }
  /** Immediate: what is read in it is still so when it is written. */
  const alone = <Result>(work: () => Result): Result => db.transaction(work).immediate();

  return {
    async read() {
      return db.transaction(() => {
        const { generation, base, facts } = head();
        const rows: unknown[] = db
          .query('SELECT seq, kind, bytes FROM entry WHERE place = ? ORDER BY seq')
          .all(name);
        const entries = rows.filter((row) => Check(Row, row));
        return {
          generation,
          base: base ?? undefined,
          facts: readFacts(parseJson(facts)),
          entries: entries.map(({ kind, bytes }): ReplicaEntry => ({ kind, bytes })),
          last: entries.at(-1)?.seq ?? 0,
        };
      })();
    },
    async append(entries) {
      alone(() => {
        for (const { kind, bytes } of entries)
          db.run('INSERT INTO entry (place, kind, bytes) VALUES (?, ?, ?)', [name, kind, bytes]);
      });
    },
    async change(change) {
      alone(() => {
        const stored = head();
        putHead({ ...stored, facts: JSON.stringify(change(readFacts(parseJson(stored.facts)))) });
      });
    },
    async fold({ generation, base, last }) {
      return alone(() => {
        const stored = head();
        if (stored.generation !== generation) return false;
        putHead({ ...stored, generation: generation + 1, base });
        db.run('DELETE FROM entry WHERE place = ? AND seq <= ?', [name, last]);
        return true;
      });
    },
    async reset(facts) {
      alone(() => {
        putHead({ generation: head().generation + 1, base: null, facts: JSON.stringify(facts) });
        db.run('DELETE FROM entry WHERE place = ?', [name]);
      });
    },
    locks: createFileLocks(folder, name),
    channel: openTabChannel(place),
    close() {},
  };
}

/** An exclusive transaction on a file of its own: the system ends it with the process, however that dies. */
function createFileLocks(folder: string, place: string): Locks {
  async function tryHold(name: string): Promise<Release | undefined> {
    const digest = createHash('sha256').update(`${place}\n${name}`).digest('hex').slice(0, 32);
    const lock = new Database(join(folder, `${digest}.lock`), { create: true });
    try {
      lock.run('PRAGMA busy_timeout = 0');
      lock.run('BEGIN EXCLUSIVE');
      return () => lock.close();
    } catch {
      lock.close();
      return undefined;
    }
  }
  return {
    tryHold,
    async hold(name, signal) {
      while (!signal.aborted) {
        const release = await tryHold(name);
        if (release) return release;
        await pause(LOCK_POLL_MS, signal);
      }
      return undefined;
    },
  };
}
