// BlobStore on a directory that several processes may share. A body is written aside, flushed, and only then given its name,
// so a reader sees all of it or nothing; the directory is flushed before `stored` is answered.
import type { Dirent } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createSerial } from '@hakiri/base/serial';
import {
  type Blob,
  type BlobStore,
  BlobStoreError,
  type PutOutcome,
  segmentsOf,
  withNamedErrors,
} from '../blob-store.ts';
import { contentTag } from './content-tag.ts';
import { type HeldLock, tryLock } from './file-lock.ts';

// `~` is in no key, so these never meet one.
const ASIDE = '~aside';
const LOCK = '~lock.db';
/** What a crash left aside is removed after this long; younger files may be another process's work. */
const ASIDE_MAX_AGE_MS = 60 * 60_000;
const LOCK_WAIT_MS = 10_000;
const LOCK_RETRY_MS = 5;

export async function openDirectoryBlobStore(root: string): Promise<BlobStore> {
  await mkdir(join(root, ASIDE), { recursive: true });
  await removeOldAside(join(root, ASIDE));
  const changes = createSerial();

  /** One conditional change at a time: in this process by the chain, between processes by the lock. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    return changes.run(async () => {
      const lock = await waitForLock(join(root, LOCK));
      try {
        return await work();
      } finally {
        lock.release();
      }
    });
  }

  const store: BlobStore = {
    get: (key) => read(pathOf(root, key)),
    putIfAbsent: async (key, bytes) => {
      const path = pathOf(root, key);
      return { kind: await nameIfAbsent(root, await writeAside(root, bytes), path) };
    },
    stage: (key, bytes) => {
      const path = pathOf(root, key);
      const written = writeAside(root, bytes);
      // Who drops it need not hear of it.
      written.catch(() => undefined);
      let isPut = false;
      return {
        put: async () => {
          isPut = true;
          return { kind: await nameIfAbsent(root, await written, path) };
        },
        drop: async () => {
          const aside = isPut ? undefined : await written.catch(() => undefined);
          if (aside !== undefined) await removed(aside);
        },
      };
    },
    putIfMatch: (key, bytes, etag) =>
      alone(async (): Promise<PutOutcome> => {
        const path = pathOf(root, key);
        const current = await read(path);
        if (current?.etag !== etag) return { kind: 'mismatch' };
        await rename(await writeAside(root, bytes), path);
        await syncDirectory(dirname(path));
        return { kind: 'stored' };
      }),
    list: async (prefix) => {
      const folder = prefix.includes('/') ? prefix.slice(0, prefix.lastIndexOf('/')) : '';
      const from = folder === '' ? root : pathOf(root, folder);
      const keys = await walk(from, folder);
      return keys.filter((key) => key.startsWith(prefix)).sort();
    },
    folders: async (prefix) => {
      const found = await entriesOf(pathOf(root, prefix.replace(/\/$/, '')));
      return found.flatMap((item) => (item.isDirectory() ? [item.name] : [])).sort();
    },
    delete: (key) =>
      alone(async () => {
        const path = pathOf(root, key);
        if (await removed(path)) await syncDirectory(dirname(path));
      }),
  };
  return withNamedErrors(store);
}

function pathOf(root: string, key: string): string {
  return join(root, ...segmentsOf(key));
}

async function read(path: string): Promise<Blob | undefined> {
  try {
    const file = await readFile(path);
    // The same memory: as a Buffer, its `slice` would share it with whoever takes one.
    const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    return withTag(bytes);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'EISDIR', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** The tag is made when it is asked for: most who read replace nothing, and of a large body it takes as long as its digest. */
function withTag(bytes: Uint8Array): Blob {
  return {
    bytes,
    get etag() {
      return contentTag(bytes);
    },
  };
}

async function writeAside(root: string, bytes: Uint8Array): Promise<string> {
  const path = join(root, ASIDE, crypto.randomUUID());
  const file = await open(path, 'wx');
  try {
    // At once: `writeFile` would come back to the event loop for every half megabyte.
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
  return path;
}

/** The file aside gets its name, unless another has it, and is aside no more. */
async function nameIfAbsent(root: string, aside: string, path: string): Promise<'stored' | 'exists'> {
  try {
    await makeParents(root, path);
    const created = await linkIfAbsent(aside, path);
    // Also when it exists: whoever wrote it may not have come to the flush, and the caller builds on it being there.
    await syncDirectory(dirname(path));
    return created ? 'stored' : 'exists';
  } finally {
    await unlink(aside);
  }
}

/** A new directory's name lives in its parent, which is flushed as well. */
async function makeParents(root: string, path: string): Promise<void> {
  const first = await mkdir(dirname(path), { recursive: true });
  if (first === undefined) return;
  for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder)) {
    await syncDirectory(folder);
    if (folder === dirname(first)) return;
  }
}

async function linkIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function removed(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

/** What is the store's own has a `~`. */
async function entriesOf(path: string): Promise<Dirent[]> {
  const found = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  return found.filter(({ name }) => !name.startsWith('~'));
}

async function walk(path: string, key: string): Promise<string[]> {
  const keys: string[] = [];
  for (const item of await entriesOf(path)) {
    const itemKey = key === '' ? item.name : `${key}/${item.name}`;
    if (item.isDirectory()) keys.push(...(await walk(join(path, item.name), itemKey)));
    else keys.push(itemKey);
  }
  return keys;
}

async function removeOldAside(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const written = await stat(path).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs > ASIDE_MAX_AGE_MS) await removed(path);
  }
}

async function waitForLock(path: string): Promise<HeldLock> {
  for (let waitedMs = 0; waitedMs < LOCK_WAIT_MS; waitedMs += LOCK_RETRY_MS) {
    const lock = tryLock(path);
    if (lock) return lock;
    await Bun.sleep(LOCK_RETRY_MS);
  }
  throw new BlobStoreError(`another process holds ${path} for more than ${LOCK_WAIT_MS} ms`);
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
