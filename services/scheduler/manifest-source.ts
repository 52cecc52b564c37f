// Reads what apply published: a manifest body from the blob store, checked against its digest and its schema, and the
// index beside it, which says what is newest.
import { fromUtf8 } from '@hakiri/base/bytes';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { blobKey, INDEX_FILE, type IndexedRevision } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { parseManifest } from '@hakiri/manifest/parse';
import { decodeIndex } from '@hakiri/manifest/revision-index';
import { asManifest } from '@hakiri/manifest/shape';
import type { BlobStore } from '@hakiri/substrate/blob-store';

type ManifestRead =
  | { kind: 'read'; manifest: ManifestConfig }
  | { kind: 'absent' }
  /** It will not get better. */
  | { kind: 'unusable'; reason: string };

export async function readManifest(
  blobs: BlobStore,
  team: string,
  revision: IndexedRevision,
): Promise<ManifestRead> {
  const blob = await blobs.get(blobKey(team, revision.file));
  if (blob === undefined) return { kind: 'absent' };
  const digest = await digestOf(blob.bytes);
  if (digest !== revision.digest) return { kind: 'unusable', reason: `its digest is ${digest}` };
  const parsed = parseManifest(fromUtf8(blob.bytes));
  if (parsed.kind === 'refused')
    return { kind: 'unusable', reason: parsed.issues[0]?.message ?? 'it is no manifest' };
  const shaped = asManifest(parsed.draft);
  return shaped.kind === 'manifest'
    ? { kind: 'read', manifest: shaped.manifest }
    : { kind: 'unusable', reason: shaped.reason };
}

/** Undefined when the team has none, or when it cannot be read as an index. */
export async function newestRevision(blobs: BlobStore, team: string): Promise<IndexedRevision | undefined> {
  const blob = await blobs.get(blobKey(team, INDEX_FILE));
  if (blob === undefined) return undefined;
  return decodeIndex(blob.bytes)?.index.revisions[0];
}
