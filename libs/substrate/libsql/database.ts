// A service's own libSQL database through drizzle. One connection and one writer at a time: the client's pool would give
// PRAGMAs to one connection only, and a write during an open transaction fails with BUSY.
import { createSerial } from '@hakiri/base/serial';
import { type Client, createClient } from '@libsql/client';
import type { BatchItem } from 'drizzle-orm/batch';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';

export type Orm = LibSQLDatabase;
/** One of the statements of a `batch`. */
export type Statement = BatchItem<'sqlite'>;

export type Database = {
  /** Reads, and writes inside `write`. Several statements that belong together go through `orm.batch`, which is one transaction. */
  orm: LibSQLDatabase;
  /** Runs `work` when no other write of this process is under way: read, decide and `batch` without anyone between. */
  write<T>(work: (orm: LibSQLDatabase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

const OPENING_MS = 2_000;
/** A server that takes longer is away. */
const SERVER_LIMIT_MS = 10_000;

/** `url` is `file:<path>` or a libSQL server's address. Every commit of a file is on disk before it resolves. */
export async function openDatabase(url: string, migrationsFolder: string, token?: string): Promise<Database> {
  const client = await openClient(url, token);
  const orm = drizzle(client);
  // Of several processes that start at once one migrates; the others fail at what is there already, and find it done.
  await migrate(orm, { migrationsFolder }).catch(() => migrate(orm, { migrationsFolder }));
  const writes = createSerial();
  return {
    orm,
    write: (work) => writes.run(() => work(orm)),
    close: async () => {
      await writes.idle();
      client.close();
    },
  };
}

/** `token` for a server that asks for one. */
export async function openClient(url: string, token?: string): Promise<Client> {
  const client = createClient({
    url,
    concurrency: 1,
    ...(token === undefined ? {} : { authToken: token }),
    ...(url.startsWith('file:') ? {} : { fetch: askServer }),
  });
  if (url.startsWith('file:')) {
    // An earlier owner's connection may still be closing. Only here: later a wait would stop the event loop.
    await client.execute(`PRAGMA busy_timeout = ${OPENING_MS}`);
    await client.execute('PRAGMA journal_mode = WAL');
    await client.execute('PRAGMA synchronous = FULL');
    await client.execute('PRAGMA busy_timeout = 0');
  }
  return client;
}

/** The server could not be asked, or did not answer: what was asked may be tried again. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}

/** Somewhere among an error's causes, as each layer above wraps what it gets. */
export function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DatabaseAway) return true;
  return false;
}

/** The disk has no room: of a database, or of a file beside it. Looked for as `isDatabaseAway` is. */
export function isStorageFull(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && (cause.code === 'SQLITE_FULL' || cause.code === 'ENOSPC')) return true;
  return false;
}

async function askServer(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(SERVER_LIMIT_MS) });
    if (response.status >= 500) throw new DatabaseAway(`the database answered ${response.status}`);
    return response;
  } catch (cause) {
    throw cause instanceof DatabaseAway
      ? cause
      : new DatabaseAway('the database cannot be reached', { cause });
  }
}
