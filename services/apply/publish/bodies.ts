// Published revisions, read: from memory, from the newest row, else from the blob store, and never without its digest having been
// checked. What is applied again and again is the configuration; its text is kept only once somebody asked for it.
import { fromUtf8 } from '@hakiri/base/bytes';
import type { ManifestConfig } from '@hakiri/contracts/config';
import type { Revision } from '@hakiri/contracts/revision';
import { readBody } from '@hakiri/manifest/read-body';
import { digestOfBytes } from '@hakiri/service/digest-pieces';
import type { Slices } from '@hakiri/service/slices';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import { readManifest } from '../requests/prepare.ts';
import type { History } from '../store/store-history.ts';

export type Bodies = {
  text(team: string, revision: Revision): Promise<string>;
  config(team: string, revision: Revision): Promise<ManifestConfig>;
  /** What was prepared a moment ago need not be read again. */
  remember(revision: Pick<Revision, 'digest' | 'sizeBytes'>, config: ManifestConfig): void;
};

export function createBodies(deps: {
  blobs: BlobStore;
  history: Pick<History, 'body'>;
  slices: Slices;
  cacheLimitBytes: number;
}): Bodies {
  type Entry = { sizeBytes: number; text?: string; config?: ManifestConfig };
  const byDigest = new Map<string, Entry>();
  let sizeBytes = 0;

  /** With what is known of it already, as the newest of all. */
  function remember(digest: string, of: { sizeBytes: number }, found: Pick<Entry, 'text' | 'config'>): void {
    const known = byDigest.get(digest);
    forget(digest);
    // What is parsed is as large as its text, and larger.
    const parts = [found.text ?? known?.text, found.config ?? known?.config].filter(
      (part) => part !== undefined,
    );
    byDigest.set(digest, { ...known, ...found, sizeBytes: parts.length * of.sizeBytes });
    sizeBytes += parts.length * of.sizeBytes;
    for (const oldest of byDigest.keys()) {
      if (sizeBytes <= deps.cacheLimitBytes || oldest === digest) break;
      forget(oldest);
    }
  }

  function forget(digest: string): void {
    sizeBytes -= byDigest.get(digest)?.sizeBytes ?? 0;
    byDigest.delete(digest);
  }

  async function text(team: string, revision: Revision): Promise<string> {
    const known = byDigest.get(revision.digest)?.text;
    if (known !== undefined) return known;
    const read = fromUtf8(await load(team, revision));
    remember(revision.digest, revision, { text: read });
    return read;
  }

  async function load(team: string, revision: Revision): Promise<Uint8Array> {
    const kept = await deps.history.body(team, revision.sequence);
    if (kept !== undefined && (await digest(kept)) === revision.digest) return kept;
    const read = async (key: string): Promise<Uint8Array | undefined> => (await deps.blobs.get(key))?.bytes;
    const found = await readBody(read, team, revision, { digest });
    if (found.kind === 'whole') return found.bytes;
    throw new BlobStoreError(
      found.kind === 'absent'
        ? `${revision.file} of ${team} is gone from the blob store`
        : `${found.file} of ${team} does not have the digest it was published with`,
    );
  }

  const digest = (bytes: Uint8Array): Promise<string> => deps.slices.perform(digestOfBytes(bytes));

  return {
    text,
    config: async (team, revision) => {
      const known = byDigest.get(revision.digest)?.config;
      if (known !== undefined) return known;
      const near = [...byDigest.values()].findLast((entry) => entry.config !== undefined)?.config;
      const config = await deps.slices.perform(readManifest(await text(team, revision), near));
      remember(revision.digest, revision, { config });
      return config;
    },
    remember: (revision, config) => remember(revision.digest, revision, { config }),
  };
}
