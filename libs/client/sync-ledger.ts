// Which operations of this device the server has for sure. Counted by version and not by message: what an acknowledgement or a
// join's version covers is durable there, everything beyond it is unsent, whatever was on the wire in between.
import { decodeImportBlobMeta, type LoroDoc, type PeerID } from 'loro-crdt';

type Account = {
  /** Made here, the end excluded. */
  made: number;
  /** Safe in the replica, or there is none: what may go out. */
  kept: number;
  acked: number;
  /** Handed to the socket since the last join. */
  sent: number;
  /** Of this tab, or of one that died. Another tab that lives sends its own. */
  mine: boolean;
};
export type Span = { peer: PeerID; from: number; to: number };

/** Operations in one message. The server takes more, but one huge update is slow for everybody. */
const BATCH_OPERATIONS = 4_000;

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger() {
  const accounts = new Map<PeerID, Account>();

  const entries = () => [...accounts].map(([peer, account]) => ({ peer, account }));

  return {
    /** An edit: as `made`. With `kept` it may be sent. */
    made(span: Span, options: { kept: boolean; mine: boolean }): void {
      const { peer, from, to } = span;
      const account = accounts.get(peer) ?? { made: from, kept: from, acked: from, sent: from, mine: false };
      accounts.set(peer, account);
      account.made = Math.max(account.made, to);
      account.mine = options.mine;
      if (options.kept) account.kept = Math.max(account.kept, to);
    },
    kept(span: Span): void {
      const account = accounts.get(span.peer);
      if (account) account.kept = Math.max(account.kept, span.to);
    },
    /** Loaded from the replica. */
    restore(peer: PeerID, made: number, acked: number): void {
      const before = accounts.get(peer);
      accounts.set(peer, {
        made: Math.max(made, before?.made ?? 0),
        kept: Math.max(made, before?.kept ?? 0),
        acked: Math.min(acked, made),
        sent: acked,
        mine: before?.mine ?? false,
      });
    },
    takeOver(peer: PeerID): void {
      const account = accounts.get(peer);
      if (account) account.mine = true;
    },
    acknowledge(ends: ReadonlyMap<PeerID, number>): void {
      for (const { peer, account } of entries())
        account.acked = Math.min(account.made, Math.max(account.acked, ends.get(peer) ?? 0));
    },
    /** A join's version is the truth, also when the server has less than it had (a restored backup). */
    atServer(version: ReadonlyMap<PeerID, number>): void {
      for (const { peer, account } of entries()) {
        account.acked = Math.min(account.made, version.get(peer) ?? 0);
        account.sent = account.acked;
      }
    },
    /** What may go out now, and counts as sent. After a join also of tabs that live: what they wait with, ours may build on. */
    take(who: 'mine' | 'all', have: ReadonlyMap<PeerID, number>): Span[] {
      return entries().flatMap(({ peer, account }) => {
        const from = account.sent;
        // What another tab told may wait in Loro for what it builds on.
        const to = Math.min(account.kept, have.get(peer) ?? 0);
        if (to <= from || (who === 'mine' && !account.mine)) return [];
        account.sent = to;
        return [{ peer, from, to }];
      });
    },
    /** Everything here that the server may lack, of every tab; what waits in Loro for another tab's edits is that tab's to bring. */
    unacknowledged(have: ReadonlyMap<PeerID, number>): Span[] {
      return entries().flatMap(({ peer, account: { acked, made } }) => {
        const to = Math.min(made, have.get(peer) ?? 0);
        return to > acked ? [{ peer, from: acked, to }] : [];
      });
    },
    /** Operations that are not acknowledged: of this tab and of those it took over, or of all. */
    unsaved(who: 'mine' | 'all'): number {
      return entries().reduce((sum, { account: { mine, made, acked } }) => {
        return mine || who === 'all' ? sum + made - acked : sum;
      }, 0);
    },
    isKept: (): boolean => entries().every(({ account: { made, kept } }) => kept >= made),
    /** Peer → how far it is acknowledged. */
    acked: (): [PeerID, number][] => entries().map(({ peer, account }) => [peer, account.acked]),
  };
}

/** What one blob of updates holds. */
export function spansOf(update: Uint8Array): Span[] {
  const meta = decodeImportBlobMeta(update, false);
  const start = meta.partialStartVersionVector;
  const end = meta.partialEndVersionVector;
  const starts = start.toJSON();
  const spans = [...end.toJSON()].map(([peer, to]) => ({ peer, from: starts.get(peer) ?? 0, to }));
  start.free();
  end.free();
  return spans;
}

/** Peer → where what was made on this device begins, as far as entries say. */
export function localStarts(entries: readonly { kind: string; bytes: Uint8Array }[]): Map<PeerID, number> {
  const starts = new Map<PeerID, number>();
  for (const { kind, bytes } of entries)
    if (kind === 'local')
      for (const { peer, from } of spansOf(bytes)) starts.set(peer, Math.min(from, starts.get(peer) ?? from));
  return starts;
}

/**
 * The operations as messages of bounded size, each building on the ones before it alone (and on what others made). One peer in
 * each: the server leases a peer id to whoever writes under it first, and cannot tell whose several new ones are.
 */
export function exportSpans(doc: LoroDoc, spans: readonly Span[]): Uint8Array[] {
  return inBatches(doc, spans).map((span) => exportBatch(doc, [span]));
}

/** Of bounded length, each building on the ones before it alone. */
function inBatches(doc: LoroDoc, spans: readonly Span[]): Span[] {
  const ordered = spans.length > 1 ? inCausalOrder(doc, spans) : spans;
  return ordered.flatMap(({ peer, from, to }) => {
    const batches: Span[] = [];
    for (let start = from; start < to; start += BATCH_OPERATIONS)
      batches.push({ peer, from: start, to: Math.min(to, start + BATCH_OPERATIONS) });
    return batches;
  });
}

/** Ever more of the operations, the last time all: each holds the one before and adds about `most`. */
export function exportGrowing(
  doc: LoroDoc,
  spans: readonly Span[],
  most: { bytes: number; operations: number },
): Uint8Array[] {
  const ends = new Map<PeerID, number>();
  const parts: Uint8Array[] = [];
  let [bytes, operations] = [0, 0];
  for (const batch of inBatches(doc, spans)) {
    const [size, length] = [exportBatch(doc, [batch]).length, batch.to - batch.from];
    if (bytes > 0 && (bytes + size > most.bytes || operations + length > most.operations)) {
      const part = spans.map(({ peer, from }) => ({ peer, from, to: ends.get(peer) ?? from }));
      parts.push(
        exportBatch(
          doc,
          part.filter(({ from, to }) => to > from),
        ),
      );
      [bytes, operations] = [0, 0];
    }
    ends.set(batch.peer, batch.to);
    bytes += size;
    operations += length;
  }
  return [...parts, exportBatch(doc, spans)];
}

export function exportBatch(doc: LoroDoc, spans: readonly Span[]): Uint8Array {
  const asked = spans.map(({ peer, from, to }) => ({ id: { peer, counter: from }, len: to - from }));
  return doc.export({ mode: 'updates-in-range', spans: asked });
}

/** By Lamport time, which is higher for a change than for everything it builds on; what follows on its own is one span. */
function inCausalOrder(doc: LoroDoc, spans: readonly Span[]): Span[] {
  const changes: (Span & { lamport: number })[] = [];
  for (const { peer, from, to } of spans)
    for (let counter = from; counter < to; ) {
      const change = doc.getChangeAt({ peer, counter });
      const end = Math.min(to, change.counter + change.length);
      changes.push({ peer, from: counter, to: end, lamport: change.lamport + counter - change.counter });
      counter = end;
    }
  const ordered: Span[] = [];
  for (const { peer, from, to } of changes.sort((a, b) => a.lamport - b.lamport)) {
    const last = ordered.at(-1);
    if (last?.peer === peer && last.to === from) last.to = to;
    else ordered.push({ peer, from, to });
  }
  return ordered;
}

/** Peer → how many of its operations the document holds, those that wait for a commit included. */
export function versionMap(doc: LoroDoc): Map<PeerID, number> {
  doc.commit();
  const vector = doc.oplogVersion();
  const version = vector.toJSON();
  vector.free();
  return version;
}
