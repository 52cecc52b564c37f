// Blobs in memory, for documents that a test makes without a substrate.
import { type Blob, type BlobStore, type PutOutcome, stagedAsPut } from '@hakiri/substrate/blob-store';

export type MemoryBlobs = BlobStore & { readonly held: Map<string, Blob> };

export function createMemoryBlobs(): MemoryBlobs {
  const held = new Map<string, Blob>();
  let last = 0;
  const store = (key: string, bytes: Uint8Array) => {
    last += 1;
    held.set(key, { bytes: bytes.slice(), etag: `${last}` });
    return { kind: 'stored' } as const;
  };
  const putIfAbsent = async (key: string, bytes: Uint8Array): Promise<PutOutcome> =>
    held.has(key) ? { kind: 'exists' } : store(key, bytes);
  return {
    held,
    get: async (key) => {
      const blob = held.get(key);
      return blob && { ...blob, bytes: blob.bytes.slice() };
    },
    putIfAbsent,
    stage: (key, bytes) => stagedAsPut(() => putIfAbsent(key, bytes)),
    putIfMatch: async (key, bytes, etag) =>
      held.get(key)?.etag === etag ? store(key, bytes) : { kind: 'mismatch' },
    list: async (prefix) => [...held.keys()].filter((key) => key.startsWith(prefix)).sort(),
    folders: async (prefix) => {
      const below = [...held.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length));
      return [
        ...new Set(below.flatMap((key) => (key.includes('/') ? key.split('/').slice(0, 1) : []))),
      ].sort();
    },
    delete: async (key) => {
      held.delete(key);
    },
  };
}
