// Planning alone, no bytes and no I/O: when a document is compacted, what its archives are called and which are kept, which of them
// reach back to a client, and which blobs nobody names. The list of archives and roots stands in the document's base, so what a
// crash leaves behind is a blob that the base does not name: the blobs are written first and the base that names them after.
import { covers, decodeVersion, type Version } from '@hakiri/config-doc/version';
import { DocVersion } from '@hakiri/contracts/names';
import { type Static, Type } from '@sinclair/typebox';

const Blob = {
  name: Type.String(),
  /** SHA-256 of the blob, hex: checked when it is read back on writing, and whenever it is used. */
  digest: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  atMs: Type.Integer({ minimum: 0 }),
};

/** History from `rootVersion` to `tipVersion`; oldest first, each reaches back to the tip of the one before or further. */
export const ArchiveEntry = Type.Object({ ...Blob, rootVersion: DocVersion, tipVersion: DocVersion });
export type ArchiveEntry = Static<typeof ArchiveEntry>;

/** A shallow snapshot at `version` that the next compaction may go on from; oldest first. */
export const RootEntry = Type.Object({ ...Blob, version: DocVersion });
export type RootEntry = Static<typeof RootEntry>;

/** As it stands in a document's base. */
export const HistoryIndex = Type.Object({ archives: Type.Array(ArchiveEntry), roots: Type.Array(RootEntry) });
export type HistoryIndex = Static<typeof HistoryIndex>;

const DAY_MS = 24 * 60 * 60 * 1000;

export type HistoryPolicy = {
  /** A document is compacted when the last time is that long ago, so its clients may be away as long without a rescue. */
  historyMs: number;
  /** A larger history is compacted earlier, but not before `historyMinMs`. */
  historyBytes: number;
  historyMinMs: number;
  /** How long, and how many, archives are kept: that far back work is rescued. */
  archivesMs: number;
  archivesLimit: number;
  /** A blob that is named nowhere may be part of a compaction under way for that long. */
  orphanMs: number;
};

export const HISTORY_POLICY: HistoryPolicy = {
  historyMs: 7 * DAY_MS,
  historyBytes: 16 * 1024 * 1024,
  historyMinMs: DAY_MS,
  archivesMs: 30 * DAY_MS,
  archivesLimit: 30,
  orphanMs: DAY_MS,
};

export const EMPTY_HISTORY: HistoryIndex = { archives: [], roots: [] };

/** Asked at an applied revision. `sinceMs`: when the history in memory began to grow, for a document that was never compacted. */
export function isCompactionDue(
  { roots }: HistoryIndex,
  { nowMs, sinceMs, historyBytes }: { nowMs: number; sinceMs: number; historyBytes: number },
  policy: HistoryPolicy = HISTORY_POLICY,
): boolean {
  const ageMs = nowMs - (roots.at(-1)?.atMs ?? sinceMs);
  if (ageMs >= policy.historyMs) return true;
  return historyBytes > policy.historyBytes && ageMs >= policy.historyMinMs;
}

/** `keptRoots`: how many of the roots before are still needed; all that `compact` answered but the last. */
export function withCompaction(
  { archives, roots }: HistoryIndex,
  { archive, root, keptRoots }: { archive: ArchiveEntry; root: RootEntry; keptRoots: number },
  policy: HistoryPolicy = HISTORY_POLICY,
): HistoryIndex {
  return {
    archives: keptArchives([...archives, archive], archive.atMs, policy),
    roots: [...roots.slice(roots.length - keptRoots), root],
  };
}

/** Dropped from the oldest on, so that no gap arises; the newest always stays. */
export function keptArchives(
  archives: readonly ArchiveEntry[],
  nowMs: number,
  { archivesMs, archivesLimit }: HistoryPolicy = HISTORY_POLICY,
): ArchiveEntry[] {
  const first = archives.findIndex(({ atMs }) => nowMs - atMs <= archivesMs);
  const start = Math.max(first === -1 ? archives.length : first, archives.length - archivesLimit);
  return archives.slice(Math.min(start, archives.length - 1));
}

/** Those that a rescue of a client at `version` needs, oldest first: from the newest that reaches back to it on. Empty: too old. */
export function archivesCovering(archives: readonly ArchiveEntry[], version: Version): ArchiveEntry[] {
  const index = archives.findLastIndex(({ rootVersion }) => {
    const root = decodeVersion(rootVersion);
    return root !== undefined && covers(version, root);
  });
  return index === -1 ? [] : archives.slice(index);
}

export type BlobKind = 'archive' | 'root';

/** `id` is a ULID: its time tells how old a blob is that nobody names. */
export function blobName(team: string, doc: string, kind: BlobKind, id: string): string {
  return `${blobPrefix(team, doc)}${kind}-${id}`;
}

export function blobPrefix(team: string, doc: string): string {
  return `sync/${team}/${doc}/`;
}

/** Of the `names` under the document's prefix, those to delete. What does not look like ours is left alone. */
export function orphans(
  names: readonly string[],
  { archives, roots }: HistoryIndex,
  nowMs: number,
  { orphanMs }: HistoryPolicy = HISTORY_POLICY,
): string[] {
  const named = new Set([...archives, ...roots].map(({ name }) => name));
  return names.filter((name) => {
    const madeMs = timeOf(name);
    return madeMs !== undefined && !named.has(name) && nowMs - madeMs > orphanMs;
  });
}

const BLOB = /^sync\/[^/]+\/[^/]+\/(?:archive|root)-([0-7][0-9A-HJKMNP-TV-Z]{9})[0-9A-HJKMNP-TV-Z]{16}$/;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Unix ms in the name's ULID. */
function timeOf(name: string): number | undefined {
  const digits = BLOB.exec(name)?.[1];
  return digits === undefined
    ? undefined
    : [...digits].reduce((time, digit) => time * 32 + CROCKFORD.indexOf(digit), 0);
}
