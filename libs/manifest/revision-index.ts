// `manifest-revisions.json` and its pages, as they lie beside the bodies in the blob store. Readers know the last two formats.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import { type IndexedRevision, RevisionIndex, RevisionIndexV1 } from '@hakiri/contracts/revision';
import { checker } from './checker.ts';

const current = checker(RevisionIndex);
const first = checker(RevisionIndexV1);

/** `format` is that of the file: what is read is of the current one. */
export type ReadIndex = { format: 1 | 2; index: RevisionIndex };

export function encodeIndex(index: RevisionIndex): Uint8Array {
  return utf8(`${JSON.stringify(index, null, 1)}\n`);
}

/** Undefined when it is not an index. */
export function decodeIndex(bytes: Uint8Array): ReadIndex | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    if (current.accepts(value)) return { format: 2, index: value };
    if (!first.accepts(value)) return undefined;
    const revisions = value.revisions.map(
      (revision): IndexedRevision => ({ ...revision, sequence: revision.number, minor: 0 }),
    );
    return { format: 1, index: { format: 2, team: value.team, revisions } };
  } catch {
    return undefined;
  }
}
