// The server's own record of who sent which operations, and when they were received: times and names inside updates can be
// made up. Operations that stand side by side in one peer's history, came from one user and within a moment, are one receipt.
import type { PeerID } from 'loro-crdt';

export type Receipt = { peer: PeerID; start: number; end: number; user: string; atMs: number };

/** What one user sent under one peer id within this time is one receipt. */
const MERGE_MS = 1_000;
/** The oldest go first; who wrote their operations is known from the lease of the peer id all the same. */
export const RECEIPTS_LIMIT = 50_000;

export class Receipts {
  #all: Receipt[] = [];
  readonly #byPeer = new Map<PeerID, Receipt[]>();

  constructor(receipts: Iterable<Receipt> = []) {
    for (const receipt of receipts) this.add(receipt);
  }

  /** In the order in which they came. */
  all(): readonly Receipt[] {
    return this.#all;
  }

  /** What is recorded already, as when a log's tail repeats its base, is left as it was. */
  add({ peer, start, end, user, atMs }: Receipt): void {
    const ofPeer = this.#byPeer.get(peer) ?? [];
    if (ofPeer.length === 0) this.#byPeer.set(peer, ofPeer);
    const last = ofPeer.at(-1);
    const from = Math.max(start, last?.end ?? 0);
    if (from >= end) return;
    const isWithin = (one: Receipt): boolean => Math.abs(atMs - one.atMs) <= MERGE_MS;
    if (last !== undefined && last.end === from && last.user === user && isWithin(last)) {
      last.end = end;
      return;
    }
    const receipt = { peer, start: from, end, user, atMs };
    ofPeer.push(receipt);
    this.#all.push(receipt);
    if (this.#all.length > RECEIPTS_LIMIT) this.#forgetOldest();
  }

  /** Who sent an operation; undefined when that is no longer recorded. */
  of(peer: PeerID, counter: number): Receipt | undefined {
    const ofPeer = this.#byPeer.get(peer) ?? [];
    let [low, high] = [0, ofPeer.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ofPeer[middle]?.end ?? 0) <= counter) low = middle + 1;
      else high = middle;
    }
    const found = ofPeer[low];
    return found !== undefined && found.start <= counter ? found : undefined;
  }

  /** A tenth at once, so that a full record costs little per edit. */
  #forgetOldest(): void {
    const gone = new Set(this.#all.slice(0, RECEIPTS_LIMIT / 10));
    this.#all = this.#all.slice(gone.size);
    for (const [peer, ofPeer] of this.#byPeer) {
      const kept = ofPeer.filter((receipt) => !gone.has(receipt));
      if (kept.length === 0) this.#byPeer.delete(peer);
      else this.#byPeer.set(peer, kept);
    }
  }
}
