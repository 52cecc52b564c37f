// `manifest-revisions.json`: what stands beside the bodies in the blob store. Pure: from the index that is there and a
// revision to the index that should be there. It is cut into pages, so that an Apply costs the same however many there were.
import {
  INDEX_PAGE,
  type IndexedRevision,
  indexPageFile,
  type Revision,
  type RevisionIndex,
} from '@hakiri/contracts/revision';
import { decodeIndex } from '@hakiri/manifest/revision-index';

/** What the index keeps of a revision. */
export function indexed({ scope, changed, changedMore, approvedBy, ...entry }: Revision): IndexedRevision {
  return entry;
}

/** A full page: written once, before the index stops naming what is in it. */
export type Page = { file: string; index: RevisionIndex };
type IndexPlan =
  /** It says so already. */
  | { kind: 'current' }
  | { kind: 'write'; index: RevisionIndex; page: Page | undefined }
  /** Somebody lost or damaged it, or it is of an older format: it has to be made again from the database. */
  | { kind: 'rebuild' };

/** `bytes` is what the blob store holds now, undefined when it holds nothing. */
export function planIndex(bytes: Uint8Array | undefined, team: string, revision: Revision): IndexPlan {
  const { sequence } = revision;
  const read = bytes === undefined ? undefined : decodeIndex(bytes);
  if (bytes === undefined && sequence === 1) return write(team, [indexed(revision)]);
  if (read === undefined || read.format !== 2 || read.index.team !== team) return { kind: 'rebuild' };
  const { revisions } = read.index;
  if (revisions[0]?.sequence === sequence - 1) return write(team, [indexed(revision), ...revisions]);
  const same = revisions.find((one) => one.sequence === sequence);
  return same?.digest === revision.digest ? { kind: 'current' } : { kind: 'rebuild' };
}

/** How many pages there are when the newest revision is this one. The index itself holds what is in none. */
export function fullPages(sequence: number): number {
  return Math.max(0, Math.floor(sequence / INDEX_PAGE) - 1);
}

/** The n-th page, or the index when that many are full; `revisions` newest first. */
export function indexOf(team: string, pagesBefore: number, revisions: IndexedRevision[]): RevisionIndex {
  const older = pagesBefore > 0 ? { older: indexPageFile(pagesBefore) } : {};
  return { format: 2, team, revisions, ...older };
}

function write(team: string, revisions: readonly IndexedRevision[]): IndexPlan {
  const full = fullPages(revisions[0]?.sequence ?? 0);
  const isPaged = ({ sequence }: IndexedRevision): boolean => sequence <= full * INDEX_PAGE;
  const paged = revisions.filter(isPaged);
  const left = revisions.filter((revision) => !isPaged(revision));
  return {
    kind: 'write',
    index: indexOf(team, full, left),
    page:
      paged.length === 0 ? undefined : { file: indexPageFile(full), index: indexOf(team, full - 1, paged) },
  };
}
