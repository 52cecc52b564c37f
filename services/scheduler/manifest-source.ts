// What apply published: the text of a manifest from the blob store, checked against its digest, and the index beside it, which
// says what is newest.
import { fromUtf8 } from '@hakiri/base/bytes';
import { blobKey, INDEX_FILE, type IndexedRevision } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import type { BlobStore } from '@hakiri/substrate/blob-store';

type TextRead =
  | { kind: 'text'; toml: string }
  | { kind: 'absent' }
  /** It will not get better. */
  | { kind: 'unusable'; reason: string };

export async function readText(blobs: BlobStore, team: string, revision: IndexedRevision): Promise<TextRead> {
  const blob = await blobs.get(blobKey(team, revision.file));
  if (blob === undefined) return { kind: 'absent' };
  const digest = await digestOf(blob.bytes);
  if (digest !== revision.digest) return { kind: 'unusable', reason: `its digest is ${digest}` };
  return { kind: 'text', toml: fromUtf8(blob.bytes) };
}

/** Undefined when the team has none, or when it cannot be read as an index. */
export async function newestRevision(blobs: BlobStore, team: string): Promise<IndexedRevision | undefined> {
  const blob = await blobs.get(blobKey(team, INDEX_FILE));
  if (blob === undefined) return undefined;
  return decodeIndex(blob.bytes)?.index.revisions[0];
}
