// Compaction of a document's history. The document goes on with what was written since the compaction before, never less: it is
// made anew from the root of then and what came after. What it drops was archived then. Nothing in here changes `live`: the
// caller replaces it when archive and root are stored, so a crash at any step leaves the document as it was.
import { type Json, jsonEqual } from '@hakiri/base/json';
import { plain, plainRecord } from '@hakiri/config-doc/plain';
import { encodeVersion, type Version } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import { decodeImportBlobMeta, LoroDoc } from 'loro-crdt';
import { encodeArchive } from './archive-bytes.ts';
import { heldBy, importBehindRoot, isSame, isTooOld, updateSince } from './document-version.ts';
import { free } from './handle.ts';

export type Compaction = {
  /** History from `rootVersion` to `tipVersion`: see archive-bytes.ts. */
  archive: Uint8Array;
  /** Empty when it has everything from the beginning. */
  rootVersion: DocVersion;
  tipVersion: DocVersion;
  /** Shallow snapshots at this tip and at those before that are still needed, oldest first: pass them to the next compaction. */
  roots: Uint8Array[];
  /** What goes on instead of the old one, which the caller frees; undefined when the old one goes on. */
  live: LoroDoc | undefined;
};

/** The compacted document would not be the one that was there, or an export is damaged. The old one is untouched. */
export class CompactionError extends Error {
  override readonly name = 'CompactionError';
}

const SEALS_FIELD = 'seals';
/** Up to this size of the shallow snapshot all of the state is compared; reading it takes some 100 ms then. */
const COMPARE_ALL_BYTES = 512 * 1024;
/** In a larger one, so many entries of each root. */
const SPOT_CHECKS = 50;

/**
 * Makes the tip one operation, the server's, when people's last edits stand side by side: of several heads Loro begins a shallow
 * snapshot where they last met, which may be months ago. Before each `compact`; answers what to log and to send on, if anything.
 */
export function sealTip(live: LoroDoc): Uint8Array | undefined {
  live.commit();
  if (live.oplogFrontiers().length <= 1) return undefined;
  const before = heldBy(live);
  const meta = live.getMap('meta');
  const seals = meta.get(SEALS_FIELD);
  meta.set(SEALS_FIELD, typeof seals === 'number' && Number.isSafeInteger(seals + 1) ? seals + 1 : 1);
  live.commit();
  return updateSince(live, before);
}

/**
 * `roots` are those of the compaction before. @throws CompactionError, and whatever Loro throws at damaged bytes
 *
 * The newest root is the one to go on from, unless somebody was away or had an edit on its way when it was made and sent it since:
 * what builds on something from before a root cannot be imported behind it. Then the root before that counts, and at worst nothing
 * is dropped this time.
 */
export function compact(live: LoroDoc, roots: readonly Uint8Array[]): Compaction {
  live.commit();
  if (live.oplogFrontiers().length > 1) throw new CompactionError('the tip is not sealed');
  const tip = heldBy(live);
  // At the tip only: at a past version it takes minutes.
  const root = live.export({ mode: 'shallow-snapshot', frontiers: live.oplogFrontiers() });
  checkExport(root);
  const tipVersion = encodeVersion(tip);
  for (let index = roots.length - 1; index >= 0; index--) {
    const begin = roots[index];
    if (begin === undefined) continue;
    const next = continueFrom(live, begin, tip, root.length <= COMPARE_ALL_BYTES);
    if (next === undefined) continue;
    const archive = encodeArchive({ root: begin, update: next.update });
    const rootVersion = encodeVersion(next.rootVersion);
    return { archive, rootVersion, tipVersion, roots: [...roots.slice(index), root], live: next.doc };
  }
  if (live.isShallow()) throw new CompactionError('no root takes what was written since');
  const snapshot = live.export({ mode: 'snapshot' });
  checkExport(snapshot);
  const archive = encodeArchive({ root: snapshot, update: new Uint8Array() });
  return {
    archive,
    rootVersion: encodeVersion(new Map()),
    tipVersion,
    roots: [...roots, root],
    live: undefined,
  };
}

type Continued = { doc: LoroDoc; rootVersion: Version; update: Uint8Array };

/** Undefined when something since the root builds on what is before it. */
function continueFrom(
  live: LoroDoc,
  root: Uint8Array,
  tip: Version,
  isSmall: boolean,
): Continued | undefined {
  const doc = new LoroDoc();
  let isWhole = false;
  try {
    // Into an empty document, and apart from the update: together, or into one that holds anything, all of it would stay pending.
    doc.import(root);
    const rootVersion = heldBy(doc);
    const update = isSame(rootVersion, tip) ? new Uint8Array() : exportSince(live, rootVersion);
    if (update.length > 0 && !importBehindRoot(doc, update)) return undefined;
    verify(live, doc, tip, isSmall);
    isWhole = true;
    return { doc, rootVersion, update };
  } finally {
    if (!isWhole) free(doc);
  }
}

function exportSince(live: LoroDoc, version: Version): Uint8Array {
  // Loro would leave out what `live` lacks, and say nothing.
  if (isTooOld(live, version)) throw new CompactionError('a root is from before the history that is kept');
  const update = updateSince(live, version);
  checkExport(update);
  return update;
}

function checkExport(bytes: Uint8Array): void {
  try {
    const { partialStartVersionVector, partialEndVersionVector } = decodeImportBlobMeta(bytes, true);
    free(partialStartVersionVector, partialEndVersionVector);
  } catch (cause) {
    throw new CompactionError('an export cannot be read back', { cause });
  }
}

/** Versions always; the state in whole when it is small, otherwise some entries of every root, evenly chosen. */
function verify(live: LoroDoc, next: LoroDoc, tip: Version, isSmall: boolean): void {
  if (!isSame(heldBy(next), tip)) throw new CompactionError('the compacted document is at another version');
  const isEqual = isSmall ? jsonEqual(stateOf(live), stateOf(next)) : isSpotEqual(live, next);
  if (!isEqual) throw new CompactionError('the compacted document has another state');
}

/** Without empty roots: they appear where somebody looked for one. */
function stateOf(doc: LoroDoc): { [root: string]: Json } {
  const roots = Object.entries(plainRecord(doc.toJSON()));
  return Object.fromEntries(
    roots.filter(([, value]) => typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
  );
}

function isSpotEqual(live: LoroDoc, next: LoroDoc): boolean {
  return Object.entries(live.getShallowValue()).every(([name, id]) => {
    if (!id.endsWith(':Map')) return true;
    const [map, other] = [live.getMap(name), next.getMap(name)];
    const keys = map.keys().map(String).sort();
    const step = Math.max(1, Math.floor(keys.length / SPOT_CHECKS));
    return (
      keys.length === other.size &&
      keys
        .filter((_, index) => index % step === 0)
        .every((key) => jsonEqual(readValue(map.get(key)), readValue(other.get(key))))
    );
  });
}

function readValue(value: unknown): Json {
  return plain(isReadable(value) ? value.toJSON() : value);
}

function isReadable(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}
