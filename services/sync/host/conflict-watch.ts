// Looks for what merging could not keep, a moment after the edits: they are told without waiting for it, and what came within
// the moment is looked at together, which costs a part of what it would cost one by one.
import { ConflictTracker, isSequential } from '@hakiri/config-doc/conflicts';
import type { Notice } from '@hakiri/contracts/notice';
import type { LoroDoc, PeerID } from 'loro-crdt';
import type { Receipts } from './receipts.ts';
import type { Span } from './update-header.ts';

export type Found = {
  notices: Notice[];
  /** Why notices may be missing: the author had missed too much, or looking for them failed. */
  undetected: 'beyond' | 'failed' | undefined;
};

/** Ids that are remembered; a notice that comes again is no news to whoever has it. */
const RECORDED_LIMIT = 5_000;
/** Authors whose edits are looked at each by itself, when they could not be together: each may cost as much as all. */
export const APART_LIMIT = 32;

export class ConflictWatch {
  readonly #doc: LoroDoc;
  readonly #tracker: ConflictTracker;
  /** To be looked at: of each peer one piece, as its operations come in order. */
  readonly #spans = new Map<PeerID, Span>();

  readonly #recorded: Set<string>;

  /** `recorded`: ids of notices that are no news. */
  constructor(doc: LoroDoc, recorded: Set<string>) {
    this.#doc = doc;
    this.#recorded = recorded;
    this.#tracker = new ConflictTracker(doc);
  }

  /** Right after an import. Whether there is something to look at: nothing, while everybody knew of everything. */
  saw(spans: readonly Span[]): boolean {
    if (this.#spans.size === 0 && isSequential(this.#doc, spans)) return false;
    for (const { peer, start, end } of spans)
      this.#spans.set(peer, { peer, start: this.#spans.get(peer)?.start ?? start, end });
    return true;
  }

  get isDue(): boolean {
    return this.#spans.size > 0;
  }

  /** Only tells: whatever goes wrong here, the edits stand. */
  look(receipts: Receipts, nowMs: number): Found {
    const spans = [...this.#spans.values()];
    this.#spans.clear();
    const found = this.#detect(spans, receipts, nowMs);
    if (found.undetected === undefined || spans.length === 1) return found;
    // One author's edits: those of the others are looked at all the same.
    const apart = spans.slice(0, APART_LIMIT).map((span) => this.#detect([span], receipts, nowMs));
    const notices = apart.flatMap((one) => one.notices);
    const missed = spans.length > APART_LIMIT ? found : apart.find((one) => one.undetected !== undefined);
    return { notices, undetected: missed?.undetected };
  }

  #detect(spans: readonly Span[], receipts: Receipts, nowMs: number): Found {
    const authorOf = (peer: PeerID, counter: number) => receipts.of(peer, counter);
    try {
      const found = this.#tracker.detect(spans, { authorOf, nowMs });
      return found.kind === 'found'
        ? { notices: this.#news(found.notices), undetected: undefined }
        : { notices: [], undetected: 'beyond' };
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      return { notices: [], undetected: 'failed' };
    }
  }

  #news(notices: readonly Notice[]): Notice[] {
    const news = notices.filter(({ id }) => !this.#recorded.has(id));
    if (this.#recorded.size > RECORDED_LIMIT) this.#recorded.clear();
    for (const { id } of news) this.#recorded.add(id);
    return news;
  }
}
