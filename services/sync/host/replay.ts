// A log's updates, taken into a Loro document: together, which costs a twentieth of one by one where people wrote at once. They
// were taken in before, so nothing can be wrong with them; where something differs from what is expected they are taken in as
// they were then, one by one.
import { LoroDoc, type PeerID } from 'loro-crdt';
import { free, passTrap } from '../history/handle.ts';
import { countersOf } from './intake.ts';
import { joinUpdates, type Scan, scanUpdate } from './update-bytes.ts';
import { type Span, spansOf } from './update-header.ts';

/** Of a log. Without `scan` it is not plainly an update. */
export type Logged = { update: Uint8Array; scan: Scan | undefined };

/** Hears of the last updates of a log, right after each was taken in. */
export type LoadWatch = { last: number; onImported(doc: LoroDoc, spans: Span[]): void };

/** In one piece: more would be in memory twice. */
const TOGETHER_BYTES = 1024 * 1024;

export function logged(update: Uint8Array): Logged {
  return { update, scan: scanUpdate(update) };
}

/** @throws when the log holds what Loro cannot read. */
export function replay(
  snapshot: Uint8Array | undefined,
  updates: readonly Logged[],
  watch?: LoadWatch,
): LoroDoc {
  const unwatched = Math.max(0, updates.length - (watch?.last ?? 0));
  const doc = replayUnwatched(snapshot, updates.slice(0, unwatched));
  for (const { update } of updates.slice(unwatched)) {
    const { success } = doc.import(update);
    watch?.onImported(doc, spansOf(success));
  }
  return doc;
}

function replayUnwatched(snapshot: Uint8Array | undefined, updates: readonly Logged[]): LoroDoc {
  const together = begin(snapshot);
  if (takeTogether(together, updates)) return together;
  free(together);
  const doc = begin(snapshot);
  for (const { update } of updates) doc.import(update);
  return doc;
}

/** Never with the updates: whatever comes with a snapshot of less than all history stays pending. */
function begin(snapshot: Uint8Array | undefined): LoroDoc {
  const doc = new LoroDoc();
  if (snapshot !== undefined) doc.import(snapshot);
  return doc;
}

/** False when not everything that the updates say they have is in the document now. */
function takeTogether(doc: LoroDoc, updates: readonly Logged[]): boolean {
  const ends = new Map<PeerID, number>();
  let [pieces, bytes]: [Uint8Array[], number] = [[], 0];
  try {
    for (const { update, scan } of updates) {
      if (scan === undefined) return false;
      for (const [peer, end] of scan.ends) ends.set(peer, Math.max(end, ends.get(peer) ?? 0));
      if (bytes + update.length > TOGETHER_BYTES && pieces.length > 0) {
        doc.import(joinUpdates(pieces));
        [pieces, bytes] = [[], 0];
      }
      pieces.push(update);
      bytes += update.length;
    }
    if (pieces.length > 0) doc.import(joinUpdates(pieces));
  } catch (error) {
    passTrap(error);
    return false;
  }
  const counters = countersOf(doc);
  return [...ends].every(([peer, end]) => (counters.get(peer) ?? 0) >= end);
}
