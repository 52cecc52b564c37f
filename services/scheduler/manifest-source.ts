// What apply published, in the blob store: the teams that have anything, the bytes of a manifest, checked against its digest,
// and the index beside it, which says what is newest.
import { blobKey, INDEX_FILE, type IndexedRevision, TEAMS_FOLDER } from '@hakiri/contracts/revision';
import { readBody } from '@hakiri/manifest/read-body';
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
  const body = await readBody(async (key) => (await blobs.get(key))?.bytes, team, revision, {
    digest: (bytes) => slices.perform(digestOfBytes(bytes)),
  });
  if (body.kind === 'absent') return body;
  if (body.kind === 'damaged') return { kind: 'unusable', reason: `its digest is ${body.digest}` };
  return { kind: 'bytes', bytes: body.bytes };
}

/** Undefined when the team has none, or when it cannot be read as an index. */
export async function newestRevision(blobs: BlobStore, team: string): Promise<IndexedRevision | undefined> {
  const blob = await blobs.get(blobKey(team, INDEX_FILE));
  if (blob === undefined) return undefined;
  return decodeIndex(blob.bytes)?.index.revisions[0];
}

export function publishedTeams(blobs: BlobStore): Promise<string[]> {
  return blobs.folders(TEAMS_FOLDER);
}
