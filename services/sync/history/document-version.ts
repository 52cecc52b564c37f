// Versions of Loro documents as plain maps, with Loro's handles given back at once, and what can be had from a document for them.
import { compareVersions, covers, type Version } from '@hakiri/config-doc/version';
import { toVersionVector } from '@hakiri/config-doc/version-vector';
import type { LoroDoc, PeerID, VersionVector } from 'loro-crdt';
import { free } from './handle.ts';

export function heldBy(doc: LoroDoc): Version {
  return taken(doc.oplogVersion());
}

/** Where the history that is kept begins; empty when all of it is. */
export function rootOf(doc: LoroDoc): Version {
  return taken(doc.shallowSinceVV());
}

export function isSame(a: Version, b: Version): boolean {
  return compareVersions(a, b) === 'equal';
}

/**
 * Whether a client at `version` is from before the history that `doc` keeps: it can neither be sent what it misses (Loro does not
 * throw, it leaves out what it lacks) nor can its operations be imported. Of a client that has nothing at all this is true as well;
 * it takes a snapshot.
 */
export function isTooOld(doc: LoroDoc, version: Version): boolean {
  if (!covers(version, rootOf(doc))) return true;
  return doc.shallowSinceFrontiers().some(({ peer, counter }) => (version.get(peer) ?? 0) <= counter);
}

/** What `doc` has after `version`. The caller has asked `isTooOld`. */
export function updateSince(doc: LoroDoc, version: Version): Uint8Array {
  const from = toVersionVector(version);
  try {
    return doc.export({ mode: 'update', from });
  } finally {
    free(from);
  }
}

/** What `doc` has after `from` and up to `to`; undefined when that is nothing. The caller has asked `isTooOld` for `from`. */
export function updateBetween(doc: LoroDoc, from: Version, to: Version): Uint8Array | undefined {
  const spans = [...to]
    .map(([peer, end]) => {
      const counter = from.get(peer) ?? 0;
      return { id: { peer, counter }, len: end - counter };
    })
    .filter(({ len }) => len > 0);
  return spans.length === 0 ? undefined : doc.export({ mode: 'updates-in-range', spans });
}

/**
 * False when the update builds on what is before the history that `doc` keeps: then nothing was imported. @throws when a part of it
 * lacks something, and whatever Loro throws at damaged bytes
 */
export function importBehindRoot(doc: LoroDoc, update: Uint8Array): boolean {
  try {
    const { pending } = doc.import(update);
    if (pending !== null) throw new Error('a part of the history stays pending');
    return true;
  } catch (error) {
    if (isBeforeHistory(error)) return false;
    throw error;
  }
}

/** Loro throws a text. */
export function isBeforeHistory(error: unknown): boolean {
  return String(error).includes('not included in the shallow history');
}

/** The larger of both for each peer. */
export function union(a: Version, b: Version): Version {
  const both = new Map<PeerID, number>(a);
  for (const [peer, counter] of b) both.set(peer, Math.max(counter, both.get(peer) ?? 0));
  return both;
}

function taken(vector: VersionVector): Version {
  const version = vector.toJSON();
  free(vector);
  return version;
}
