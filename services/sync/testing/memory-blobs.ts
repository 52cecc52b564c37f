// Blobs in memory that can be damaged, and that can fail from a given write on.
import { type Blob, type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';

export type MemoryBlobs = BlobStore & { readonly held: Map<string, Blob> };

export function createMemoryBlobs(): MemoryBlobs {
  const held = new Map<string, Blob>();
  let last = 0;
  const store = (key: string, bytes: Uint8Array) => {
    last += 1;
    held.set(key, { bytes: bytes.slice(), etag: `${last}` });
    return { kind: 'stored', etag: `${last}` } as const;
  };
  return {
    held,
    get: async (key) => held.get(key),
    putIfAbsent: async (key, bytes) => (held.has(key) ? { kind: 'exists' } : store(key, bytes)),
    putIfMatch: async (key, bytes, etag) =>
      held.get(key)?.etag === etag ? store(key, bytes) : { kind: 'mismatch' },
    list: async (prefix) => [...held.keys()].filter((key) => key.startsWith(prefix)).sort(),
    delete: async (key) => {
      held.delete(key);
    },
  };
}

/** Fails as `fails` says, before what was asked is done. */
export function failingBlobs(
  blobs: BlobStore,
  fails: (what: 'get' | 'put', key: string) => boolean,
): BlobStore {
  const check = (what: 'get' | 'put', key: string): void => {
    if (fails(what, key)) throw new BlobStoreError(`failed on purpose at ${what} ${key}`);
  };
  return {
    ...blobs,
    get: async (key) => {
      check('get', key);
      return blobs.get(key);
    },
    putIfAbsent: async (key, bytes) => {
      check('put', key);
      return blobs.putIfAbsent(key, bytes);
    },
  };
}
