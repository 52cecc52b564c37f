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
  /** Somebody may put back what it was. */
  | { kind: 'damaged'; reason: string };
type NewestRead =
  | { kind: 'newest'; revision: IndexedRevision }
  | { kind: 'none' }
  /** Something was published, and what of it is newest cannot be read. */
  | { kind: 'unreadable'; reason: string };

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
  if (body.kind === 'damaged') return { kind: 'damaged', reason: `its digest is ${body.digest}` };
  return { kind: 'bytes', bytes: body.bytes };
}

export async function newestRevision(blobs: BlobStore, team: string): Promise<NewestRead> {
  const key = blobKey(team, INDEX_FILE);
  const blob = await blobs.get(key);
  if (blob === undefined) {
    // In a directory the folder of a team whose files are all gone stays.
    const others = await blobs.list(blobKey(team, ''));
    return others.length === 0
      ? { kind: 'none' }
      : { kind: 'unreadable', reason: `${key} is not there, and what it should name is` };
  }
  const read = decodeIndex(blob.bytes);
  if (read === undefined) return { kind: 'unreadable', reason: `${key} cannot be read as an index` };
  const revision = read.index.revisions[0];
  return revision === undefined ? { kind: 'none' } : { kind: 'newest', revision };
}

export function publishedTeams(blobs: BlobStore): Promise<string[]> {
  return blobs.folders(TEAMS_FOLDER);
}
