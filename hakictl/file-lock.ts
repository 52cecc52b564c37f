// A lock that processes of one person hold in turns: a file that whoever holds it made, with a text of their own inside.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { pause } from '@hakiri/client/wait';

/** What is done under the lock takes one request; a lock older than this was left behind by a process that died. */
const STALE_AFTER_MS = 60_000;
const RETRY_MS = 50;

export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const own = crypto.randomUUID();
  while (!make(path, own)) {
    const stale = staleText(path);
    if (stale === undefined) await pause(RETRY_MS);
    else removeStale(path, stale);
  }
  try {
    return await work();
  } finally {
    // Who took longer than a lock lasts may find another's here.
    if (read(path) === own) rmSync(path, { force: true });
  }
}

/** The text of a lock that nobody holds any more. */
export function staleText(path: string): string | undefined {
  const madeAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return madeAtMs !== undefined && Date.now() - madeAtMs > STALE_AFTER_MS ? read(path) : undefined;
}

/**
 * Removes the lock that has this text, and never one that took its place meanwhile: of all who saw it stale, only the one
 * who makes a second file, named after that very lock, may remove it, and looks again first.
 */
export function removeStale(path: string, text: string): void {
  const claim = `${path}.${encodeURIComponent(text).slice(0, 100)}`;
  if (!make(claim, '')) {
    // Whoever claims dies as others do.
    if (staleText(claim) !== undefined) rmSync(claim, { force: true });
    return;
  }
  if (read(path) === text) rmSync(path, { force: true });
  rmSync(claim, { force: true });
}

function make(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
