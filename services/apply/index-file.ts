// `manifest-revisions.json`: what stands beside the bodies in the blob store. Pure: from the index that is there and a
// revision to the index that should be there.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { type IndexedRevision, type Revision, RevisionIndex } from '@hakiri/contracts/apply';
import { Value } from '@sinclair/typebox/value';

/** What the index keeps of a revision. */
export function indexed({ scope, changed, changedMore, ...entry }: Revision): IndexedRevision {
  return entry;
}

type IndexPlan =
  /** It says so already. */
  | { kind: 'current' }
  | { kind: 'write'; index: RevisionIndex }
  /** Somebody lost or damaged it: it has to be made again from the database. */
  | { kind: 'rebuild' };

/** `bytes` is what the blob store holds now, undefined when it holds nothing. */
export function planIndex(bytes: Uint8Array | undefined, team: string, revision: Revision): IndexPlan {
  if (bytes === undefined)
    return revision.number === 1
      ? { kind: 'write', index: { format: 1, team, revisions: [indexed(revision)] } }
      : { kind: 'rebuild' };
  const index = decodeIndex(bytes);
  if (index === undefined || index.team !== team) return { kind: 'rebuild' };
  const newest = index.revisions[0]?.number ?? 0;
  if (newest === revision.number - 1)
    return { kind: 'write', index: { ...index, revisions: [indexed(revision), ...index.revisions] } };
  const same = index.revisions.find(({ number }) => number === revision.number);
  return same?.digest === revision.digest ? { kind: 'current' } : { kind: 'rebuild' };
}

export function encodeIndex(index: RevisionIndex): Uint8Array {
  return utf8(`${JSON.stringify(index, null, 1)}\n`);
}

/** Undefined when it is not an index. */
export function decodeIndex(bytes: Uint8Array): RevisionIndex | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    return Value.Check(RevisionIndex, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
