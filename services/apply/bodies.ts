// The TOML of published revisions: from memory, from the newest row, else from the blob store, and never without its digest
// having been checked.
import { fromUtf8 } from '@hakiri/base/bytes';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { blobKey, coldFile, type Revision } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import { readManifest } from './prepare.ts';
import type { History } from './store-history.ts';

export type Bodies = {
  text(team: string, revision: Revision): Promise<string>;
  config(team: string, revision: Revision): Promise<ManifestConfig>;
  /** What was prepared a moment ago need not be read again. */
  remember(digest: string, text: string, config: ManifestConfig): void;
};

export function createBodies(deps: { blobs: BlobStore; history: History; cacheLimitBytes: number }): Bodies {
  type Entry = { text: string; config: ManifestConfig | undefined };
  const byDigest = new Map<string, Entry>();
  let sizeBytes = 0;

  function remember(digest: string, text: string, config: ManifestConfig | undefined): Entry {
    const entry = { text, config };
    forget(digest);
    byDigest.set(digest, entry);
    sizeBytes += text.length;
    for (const oldest of byDigest.keys()) {
      if (sizeBytes <= deps.cacheLimitBytes || oldest === digest) break;
      forget(oldest);
    }
    return entry;
  }

  function forget(digest: string): void {
    sizeBytes -= byDigest.get(digest)?.text.length ?? 0;
    byDigest.delete(digest);
  }

  async function load(team: string, { sequence, file, digest }: Revision): Promise<Entry> {
    const known = byDigest.get(digest);
    if (known) return known;
    const kept = await deps.history.body(team, sequence);
    if (kept !== undefined) return remember(digest, kept, undefined);
    const key = blobKey(team, file);
    // In this order: a body is copied to the cold prefix before it is deleted here.
    const blob = (await deps.blobs.get(key)) ?? (await deps.blobs.get(blobKey(team, coldFile(file))));
    if (!blob) throw new BlobStoreError(`${key} is gone from the blob store`);
    if ((await digestOf(blob.bytes)) !== digest)
      throw new BlobStoreError(`${key} does not have the digest it was published with`);
    return remember(digest, fromUtf8(blob.bytes), undefined);
  }

  return {
    text: async (team, revision) => (await load(team, revision)).text,
    config: async (team, revision) => {
      const entry = await load(team, revision);
      entry.config ??= readManifest(entry.text);
      return entry.config;
    },
    remember: (digest, text, config) => {
      remember(digest, text, config);
    },
  };
}
