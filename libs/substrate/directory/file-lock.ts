// A lock between processes that the operating system gives back when its holder dies, however it dies: an exclusive
// transaction on an otherwise empty SQLite file. Two holders inside one process exclude each other, too.
import { Database } from 'bun:sqlite';

export type HeldLock = { release(): void };

/** Undefined when somebody else holds it. Does not wait. @throws when the file cannot be opened. */
export function tryLock(path: string): HeldLock | undefined {
  const database = new Database(path, { create: true });
  try {
    database.run('PRAGMA busy_timeout = 0');
    database.run('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
