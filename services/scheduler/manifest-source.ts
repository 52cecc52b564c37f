// What apply published: the bytes of a manifest from the blob store, checked against its digest, and the index beside it, which
// says what is newest.
import { blobKey, INDEX_FILE, type IndexedRevision } from '@hakiri/contracts/revision';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { digestOfBytes } from '@hakiri/service/digest-pieces';
import type { Slices } from '@hakiri/service/slices';
import type { BlobStore } from '@hakiri/substrate/blob-store';

type BytesRead =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'absent' }
  /** It will not get better. */
  | { kind: 'unusable'; reason: string };

/** In slices, as a manifest may be many megabytes. */
export async function readBytes(
  { blobs, slices }: { blobs: BlobStore; slices: Slices },
  team: string,
  revision: IndexedRevision,
): Promise<BytesRead> {
  const blob = await blobs.get(blobKey(team, revision.file));
  if (blob === undefined) return { kind: 'absent' };
  const digest = await slices.perform(digestOfBytes(blob.bytes));
  if (digest !== revision.digest) return { kind: 'unusable', reason: `its digest is ${digest}` };
  return { kind: 'bytes', bytes: blob.bytes };
}

/** Undefined when the team has none, or when it cannot be read as an index. */
export async function newestRevision(blobs: BlobStore, team: string): Promise<IndexedRevision | undefined> {
  const blob = await blobs.get(blobKey(team, INDEX_FILE));
  if (blob === undefined) return undefined;
  return decodeIndex(blob.bytes)?.index.revisions[0];
}
