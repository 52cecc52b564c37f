// Reads what apply published: a manifest body from the blob store, checked against its digest and its schema, and the
// index beside it, which says what is newest.
import { fromUtf8 } from '@hakiri/base/bytes';
import { type Revision, RevisionIndex } from '@hakiri/contracts/apply';
import { ManifestConfig } from '@hakiri/contracts/config';
import { canonicalPipeline, canonicalVariable } from '@hakiri/manifest/canonical';
import { digestOf } from '@hakiri/manifest/digest';
import { parseManifest } from '@hakiri/manifest/parse';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import { TypeCompiler } from '@sinclair/typebox/compiler';

export type ManifestRead =
  | { kind: 'read'; manifest: ManifestConfig }
  | { kind: 'absent' }
  /** It will not get better. */
  | { kind: 'unusable'; reason: string };

const manifestCheck = TypeCompiler.Compile(ManifestConfig);
const indexCheck = TypeCompiler.Compile(RevisionIndex);

export async function readManifest(
  blobs: BlobStore,
  team: string,
  revision: Revision,
): Promise<ManifestRead> {
  const blob = await blobs.get(`teams/${team}/${revision.file}`);
  if (blob === undefined) return { kind: 'absent' };
  const digest = await digestOf(blob.bytes);
  if (digest !== revision.digest) return { kind: 'unusable', reason: `its digest is ${digest}` };
  const parsed = parseManifest(fromUtf8(blob.bytes));
  if (parsed.kind === 'refused')
    return { kind: 'unusable', reason: parsed.issues[0]?.message ?? 'it is no manifest' };
  const manifest: unknown = {
    pipelines: parsed.draft.pipelines.map(canonicalPipeline),
    variables: parsed.draft.variables.map(canonicalVariable),
  };
  if (manifestCheck.Check(manifest)) return { kind: 'read', manifest };
  const misfit = manifestCheck.Errors(manifest).First();
  return {
    kind: 'unusable',
    reason: `${misfit?.path ?? ''}: ${misfit?.message ?? 'it does not fit its schema'}`,
  };
}

/** Undefined when the team has none, or when it cannot be read as an index. */
export async function newestRevision(blobs: BlobStore, team: string): Promise<Revision | undefined> {
  const blob = await blobs.get(`teams/${team}/manifest-revisions.json`);
  if (blob === undefined) return undefined;
  const index: unknown = JSON.parse(fromUtf8(blob.bytes));
  return indexCheck.Check(index) ? index.revisions[0] : undefined;
}
