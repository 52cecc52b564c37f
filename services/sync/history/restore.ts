// A document with more history than the live one keeps, put together from archives and the live one.
import { covers, type Version } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import { LoroDoc } from 'loro-crdt';
import { type Archive, decodeArchive } from './archive-bytes.ts';
import { heldBy, isSame, isTooOld, updateBetween, updateSince } from './document-version.ts';
import { free } from './handle.ts';

/**
 * At the version of `live`, with history from the root of the first archive on; undefined when something between them is missing.
 * The caller frees it.
 */
export function restoreWhole(archives: readonly Archive[], live: LoroDoc): LoroDoc | undefined {
  const doc = new LoroDoc();
  let isComplete = false;
  try {
    const [first, ...later] = archives;
    if (first === undefined) doc.import(live.export({ mode: 'snapshot' }));
    else {
      doc.import(first.root);
      importInto(doc, first.update);
    }
    for (const { root, update } of later) if (!isWithin(doc, live)) append(doc, root, update);
    if (isWithin(doc, live)) importInto(doc, updateSince(live, heldBy(doc)));
    isComplete = isSame(heldBy(doc), heldBy(live));
    return isComplete ? doc : undefined;
  } finally {
    if (!isComplete) free(doc);
  }
}

/** At `version` exactly. `whole` has it and was restored from `first`. Undefined when it is older than that. The caller frees it. */
export function restoreAt(whole: LoroDoc, first: Archive | undefined, version: Version): LoroDoc | undefined {
  if (!whole.isShallow()) {
    const vector = toVersionVector(version);
    const frontiers = whole.vvToFrontiers(vector);
    free(vector);
    return whole.forkAt(frontiers);
  }
  if (first === undefined) return undefined;
  const doc = new LoroDoc();
  doc.import(first.root);
  const root = heldBy(doc);
  if (!covers(version, root)) {
    free(doc);
    return undefined;
  }
  importInto(doc, updateBetween(whole, root, version));
  return doc;
}

export function decodeArchives(archives: readonly Uint8Array[]): Archive[] {
  return archives.map(decodeArchive);
}

/** Whether `live` can hand on what `doc` lacks. Asked first, as Loro would hand on a part of it without a word. */
function isWithin(doc: LoroDoc, live: LoroDoc): boolean {
  return !isTooOld(live, heldBy(doc));
}

/** What the archive has after `doc`. Its update begins at its root, so where `doc` has not got there yet it is left out. */
function append(doc: LoroDoc, rootBytes: Uint8Array, update: Uint8Array): void {
  const root = new LoroDoc();
  try {
    root.import(rootBytes);
    if (covers(heldBy(doc), heldBy(root))) importInto(doc, update);
  } finally {
    free(root);
  }
}

function importInto(doc: LoroDoc, update: Uint8Array | undefined): void {
  if (update !== undefined && update.length > 0) doc.import(update);
}
