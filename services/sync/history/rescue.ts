// Work from before the compacted history, brought in without loss: merged where the history still is, in a document put together
// from archives; the difference that it makes there is written into the live document by a peer that is leased to the same user.
//
// Handing it in again does nothing, as what was taken in is remembered as a line: which of the client's operations (`ends`), on
// which version they were merged (`at`) and where the live document was then (`after`). A client that never saw the answer and
// went on builds on operations that only the line knows: its rest is merged at `at` and written at `after`, concurrent to what
// the team did since, and Loro merges that as it does any other edit.
import { covers, decodeVersion, encodeVersion, type Version } from '@hakiri/config-doc/version';
import type { DocVersion } from '@hakiri/contracts/names';
import { decodeImportBlobMeta, type LoroDoc, type LoroEvent, type PeerID } from 'loro-crdt';
import type { Archive } from './archive-bytes.ts';
import { heldBy, isBeforeHistory, isTooOld, union, updateBetween, updateSince } from './document-version.ts';
import { free, guarded, passTrap } from './handle.ts';
import { RebaseError, writeDifference } from './rebase.ts';
import { decodeArchives, restoreAt, restoreWhole } from './restore.ts';
import { type Identities, newIdentities, pairUp } from './same-content.ts';

/** Kept with the base for as long as an archive reaches back to `at`: see `keptLines`. */
export type RescueLine = { ends: DocVersion; at: DocVersion; after: DocVersion };

export type RescueRequest = {
  live: LoroDoc;
  /** Oldest first, without a gap, up to what `live` still has. */
  archives: readonly Uint8Array[];
  /** All that the client has unsent, also what it handed in before. */
  update: Uint8Array;
  /** Leased to the user, the preferred first; the last one was never used. */
  peers: readonly PeerID[];
  lines: readonly RescueLine[];
  /**
   * Called when the work is merged, and has not been written to `live` yet. `merged` has the operations of everybody with the history
   * that they need: what lost against others' edits is to be seen here and nowhere else, as the rebased difference has only what
   * won. What is in it after `before` came with this update. It is freed after the call.
   */
  onMerged?(merged: LoroDoc, before: Version): void;
};

export type Rescue =
  /** It needed no rescue: `update` was imported as it came. */
  | { kind: 'merged'; update: Uint8Array }
  /** `update` is what `live` got; undefined when the merge left nothing of it to write. Log it and the line as one. */
  | { kind: 'rebased'; update: Uint8Array | undefined; peer: PeerID; line: RescueLine; replaces?: RescueLine }
  /** There is nothing in it that was not taken in before. */
  | { kind: 'nothing' }
  /** It builds on operations that nobody has: the client hands in all that is unsent. */
  | { kind: 'missing' }
  /** No archive reaches back to it. */
  | { kind: 'too_old' }
  /** Loro failed at what was handed in. */
  | { kind: 'broken'; error: string }
  | { kind: 'refused'; reason: 'malformed' | 'not_an_update' };

/** @throws RebaseError, or what Loro throws: then `live` must be loaded anew, and the answer is that of `too_old`. */
export function rescue(request: RescueRequest): Rescue {
  const { live, update, lines } = request;
  const ends = endsOf(update);
  if (ends === undefined) return { kind: 'refused', reason: 'malformed' };
  if (ends === 'snapshot') return { kind: 'refused', reason: 'not_an_update' };
  const held = heldBy(live);
  // What a client knows of others may be what they sent before their own rescue: that line is not about this update.
  const isNews = (peer: PeerID): boolean => (ends.get(peer) ?? 0) > (held.get(peer) ?? 0);
  const mine = lines.filter((line) => [...decode(line.ends).keys()].some(isNews));
  const known = mine.reduce((version, line) => union(version, decode(line.ends)), held);
  if (covers(known, ends)) return { kind: 'nothing' };
  const [line, second] = mine;
  // Work that builds on two rescues at once: no version had both.
  if (second !== undefined) return { kind: 'too_old' };
  const archives = decodeArchives(request.archives);
  // The newest one that reaches back far enough is the cheapest.
  const candidates = archives.map((_, index) => archives.slice(index)).reverse();
  if (!live.isShallow()) candidates.unshift([]);
  for (const candidate of candidates) {
    const whole = restoreWhole(candidate, live);
    if (whole === undefined) continue;
    try {
      const result =
        line === undefined
          ? rescueFirst(request, ends, whole)
          : rescueRest(request, ends, whole, line, candidate[0]);
      if (result !== undefined) return result;
    } finally {
      free(whole);
    }
  }
  return { kind: 'too_old' };
}

/** The lines that are still needed: what no archive reaches back to is too old in any case. `roots`: of the kept archives. */
export function keptLines(lines: readonly RescueLine[], roots: readonly DocVersion[]): RescueLine[] {
  return lines.filter(({ at }) => roots.some((root) => covers(decode(at), decode(root))));
}

/** Undefined when `merged`, which is at the version of `live`, does not reach back far enough. */
function rescueFirst(
  { live, update, peers, onMerged }: RescueRequest,
  ends: Version,
  merged: LoroDoc,
): Rescue | undefined {
  const at = heldBy(live);
  const { outcome, events, error } = importWatched(merged, update);
  if (outcome === 'before_history') return undefined;
  if (outcome === 'broken') return { kind: 'broken', error };
  if (outcome === 'pending') return { kind: 'missing' };
  if (canTakeAsIs(live, merged, at)) {
    live.import(update);
    return { kind: 'merged', update: updateSince(live, at) };
  }
  onMerged?.(merged, at);
  const [peer] = peers;
  if (peer === undefined) throw new RebaseError('no peer id to rebase with');
  rebase(live, merged, events, newIdentities(), peer);
  const line = lineOf(restrict(heldBy(merged), ends), at, heldBy(live));
  return { kind: 'rebased', update: changeSince(live, at), peer, line };
}

/** Undefined when what was restored does not reach back far enough. */
function rescueRest(
  { live, update, peers, onMerged }: RescueRequest,
  ends: Version,
  whole: LoroDoc,
  line: RescueLine,
  first: Archive | undefined,
): Rescue | undefined {
  const [at, after] = [decode(line.at), decode(line.after)];
  // What would be written at `after` could not be imported any more.
  if (isTooOld(live, after)) return { kind: 'too_old' };
  const docs = [at, at, after].map((version) => restoreAt(whole, first, version));
  const [merged, complete, branch] = docs;
  try {
    if (merged === undefined || complete === undefined || branch === undefined) return undefined;
    const { outcome, error } = importWatched(complete, update);
    if (outcome === 'before_history') return undefined;
    if (outcome === 'broken') return { kind: 'broken', error };
    if (outcome === 'pending') return { kind: 'missing' };
    const before = updateBetween(complete, at, union(at, decode(line.ends)));
    if (before !== undefined) merged.import(before);
    const identities = pairUp(merged, branch);
    // What was rebased then is not what is there: nothing is written on a guess.
    if (identities === undefined) return { kind: 'too_old' };
    const known = heldBy(merged);
    const { outcome: next, events, error: why } = importWatched(merged, updateSince(complete, known));
    if (next !== 'whole') throw new RebaseError(`what was added since cannot be merged: ${next} ${why}`);
    onMerged?.(merged, known);
    const held = heldBy(live);
    // Under an id that went on since, these operations would carry numbers that are taken.
    const peer = peers.find((id) => (held.get(id) ?? 0) === (after.get(id) ?? 0));
    if (peer === undefined) throw new RebaseError('no free peer id to rebase with');
    rebase(branch, merged, events, identities, peer);
    const written = changeSince(branch, after);
    if (written !== undefined && live.import(written).pending !== null)
      throw new RebaseError('a part of the rebased work stays pending');
    const lineAfter = lineOf(
      union(decode(line.ends), restrict(heldBy(complete), ends)),
      at,
      written === undefined ? after : heldBy(branch),
    );
    return { kind: 'rebased', update: written, peer, line: lineAfter, replaces: line };
  } finally {
    free(...docs);
  }
}

/** Events come before the import returns: Loro's wrapper calls them then. @throws when Loro's wasm traps */
function importWatched(
  doc: LoroDoc,
  update: Uint8Array,
): { outcome: 'whole' | 'pending' | 'before_history' | 'broken'; events: LoroEvent[]; error: string } {
  const events: LoroEvent[] = [];
  const unsubscribe = doc.subscribe((batch) => events.push(...batch.events));
  try {
    const { pending } = doc.import(update);
    return { outcome: pending === null ? 'whole' : 'pending', events, error: '' };
  } catch (error) {
    passTrap(error);
    return { outcome: isBeforeHistory(error) ? 'before_history' : 'broken', events, error: String(error) };
  } finally {
    guarded(unsubscribe);
  }
}

/** Whether all that `merged` has more than `at` builds on what `live` still has. */
function canTakeAsIs(live: LoroDoc, merged: LoroDoc, at: Version): boolean {
  for (const [peer, end] of heldBy(merged)) {
    for (let counter = at.get(peer) ?? 0; counter < end; ) {
      const change = merged.getChangeAt({ peer, counter });
      const vector = merged.frontiersToVV(change.deps);
      const version = vector.toJSON();
      free(vector);
      if (isTooOld(live, version)) return false;
      counter = change.counter + change.length;
    }
  }
  return true;
}

function rebase(
  target: LoroDoc,
  merged: LoroDoc,
  events: readonly LoroEvent[],
  identities: Identities,
  peer: PeerID,
): void {
  const own = target.peerIdStr;
  target.setPeerId(peer);
  writeDifference(target, merged, events, identities);
  target.commit({ origin: 'rebase' });
  target.setPeerId(own);
}

function changeSince(doc: LoroDoc, version: Version): Uint8Array | undefined {
  return covers(version, heldBy(doc)) ? undefined : updateSince(doc, version);
}

function lineOf(ends: Version, at: Version, after: Version): RescueLine {
  return { ends: encodeVersion(ends), at: encodeVersion(at), after: encodeVersion(after) };
}

function restrict(version: Version, peers: Version): Version {
  return new Map([...version].filter(([peer]) => peers.has(peer)));
}

/** Where each peer in the update ends; undefined when it is no export of Loro, or damaged. */
function endsOf(update: Uint8Array): Version | 'snapshot' | undefined {
  try {
    const { mode, partialStartVersionVector, partialEndVersionVector } = decodeImportBlobMeta(update, true);
    const ends = partialEndVersionVector.toJSON();
    free(partialStartVersionVector, partialEndVersionVector);
    return mode === 'update' ? ends : 'snapshot';
  } catch (error) {
    passTrap(error);
    return undefined;
  }
}

function decode(version: DocVersion): Version {
  const decoded = decodeVersion(version);
  if (decoded === undefined) throw new RebaseError('a rescue line cannot be read');
  return decoded;
}
