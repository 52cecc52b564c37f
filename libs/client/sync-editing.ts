// The document as it is edited here: its Loro replica, the ledger of what the server lacks, the stored replica and the other tabs.
//
// Tabs of one browser: each has a socket and a peer id of its own, and they share the store. Electing one tab to own the socket
// would save sockets and cost a takeover, during which nobody is connected, whenever that tab is closed or put to sleep. What
// makes independent tabs sound: a peer id is written under by the holder of its lock alone; an edit is stored before it is sent
// or told to another tab, and before the lock is let go, so whoever takes a lock over finds in the store everything that
// anybody has of it; what a dead tab left is sent by whoever gets its lock, and the server acknowledges repeats. Where there
// are no locks (a browser over plain http), each tab writes under a peer id of its own that nobody uses again, and what is in
// the store is sent at a join, by version.
import type { JoinExtra } from '@hakiri/contracts/join';
import { LoroDoc, type PeerID } from 'loro-crdt';
import type { Replica } from './replica.ts';
import { NO_FACTS, type Release, type ReplicaFacts } from './replica-store.ts';
import type { ReviewPatch } from './review-patch.ts';
import { createLedger, type Ledger, localStarts, type Span, spansOf, versionMap } from './sync-ledger.ts';

const ACKED_DELAY_MS = 500;
/** Of one device: as many tabs can write at once under ids that are used again. */
const LEASED_LIMIT = 64;

export type Editing = ReturnType<typeof createEditing>;

export function createEditing(options: {
  replica: Replica | undefined;
  /** Something was typed, kept or acknowledged. */
  onChange: () => void;
  /** There is something to send. */
  onKept: () => void;
}) {
  const { replica, onChange, onKept } = options;
  const closing = new AbortController();
  let doc = new LoroDoc();
  let ledger: Ledger = createLedger();
  let stopListening: () => void = () => {};
  let held: { peer: PeerID; release: Release | undefined } | undefined;
  /** Peers of other tabs, until their lock is ours. */
  const watched = new Set<PeerID>();
  /** Leased peers, among them the one in use. */
  let offered: readonly string[] = [];
  let isAdopting = false;
  let savingAcked: ReturnType<typeof setTimeout> | undefined;

  const lockOf = (peer: PeerID): string => `peer-${peer}`;

  function listen(): void {
    stopListening();
    stopListening = doc.subscribeLocalUpdates((update) => {
      const keeps = replica?.works() === true;
      const spans = spansOf(update);
      for (const span of spans) ledger.made(span, { kept: !keeps, mine: true });
      if (keeps)
        void replica.keep({ kind: 'local', bytes: update }).then(() => {
          // Behind the store: what others were told and nobody stored, a tab that gets the peer id would write a second time.
          replica.log.channel.post(update);
          kept(spans);
        });
      onChange();
      if (!keeps) onKept();
    });
  }

  function kept(spans: readonly Span[]): void {
    for (const span of spans) ledger.kept(span);
    onChange();
    onKept();
  }

  function heardFromTab(update: Uint8Array): void {
    if (!replica || closing.signal.aborted) return;
    try {
      const spans = spansOf(update);
      doc.import(update);
      for (const span of spans) ledger.made(span, { kept: false, mine: false });
      for (const { peer } of spans) watch(peer);
      onChange();
      // The other tab stores it too; ours may build on it before that has happened.
      void replica.keepSoon({ kind: 'local', bytes: update }).then(() => kept(spans));
    } catch {
      // Of another version of the page. It comes by the server, if at all.
    }
  }

  /** Its operations become ours to send when its tab is gone. The lock is let go at once, for a tab that comes to write on. */
  function watch(peer: PeerID): void {
    if (!replica || watched.has(peer) || peer === held?.peer) return;
    watched.add(peer);
    void replica.log.locks.hold(lockOf(peer), closing.signal).then((release) => {
      watched.delete(peer);
      release?.();
      if (!release || closing.signal.aborted) return;
      ledger.takeOver(peer);
      onChange();
      onKept();
    });
  }

  /** Makes `peer` the one that is written under, if nobody else holds it and nothing of ours is on its way. */
  async function adopt(peer: PeerID): Promise<boolean> {
    if (!replica) return false;
    const release = await replica.log.locks.tryHold(lockOf(peer));
    if (!release) return false;
    // Whoever held it last has stored what it sent.
    const { doc: stored } = await replica.read();
    const version = doc.oplogVersion();
    doc.import(stored.export({ mode: 'update', from: version }));
    version.free();
    stored.free();
    doc.commit();
    if (closing.signal.aborted || ledger.unsaved('mine') > 0) {
      release();
      return false;
    }
    write(peer, release);
    return true;
  }

  function write(peer: PeerID, release: Release | undefined): void {
    held?.release?.();
    if (doc.peerIdStr !== peer) doc.setPeerId(peer);
    held = { peer, release };
  }

  const needsLease = (): boolean => replica !== undefined && !offered.includes(held?.peer ?? '');

  async function useOffer(): Promise<void> {
    if (isAdopting) return;
    isAdopting = true;
    for (const peer of offered.filter(isPeer)) {
      if (!needsLease() || ledger.unsaved('mine') > 0) break;
      await adopt(peer).catch(() => false);
    }
    isAdopting = false;
  }

  /** Unsent work that is in the store: of this tab's past, of tabs that died, of tabs that live. */
  function restore(facts: ReplicaFacts, entries: readonly { kind: string; bytes: Uint8Array }[]): void {
    const has = versionMap(doc);
    const starts = localStarts(entries);
    for (const [peer, counter] of has) {
      const acked = facts.own[peer] ?? starts.get(peer);
      if (acked === undefined) continue;
      ledger.restore(peer, counter, acked);
      if (peer === held?.peer) ledger.takeOver(peer);
      else watch(peer);
    }
  }

  replica?.log.channel.onUpdate(heardFromTab);
  listen();

  return {
    doc: (): LoroDoc => doc,
    ledger: (): Ledger => ledger,
    replica,

    /** True when there is something to work with before the server has answered. */
    async load(): Promise<boolean> {
      if (!replica) return false;
      offered = replica.facts().leased;
      let first: { peer: PeerID; release: Release } | undefined;
      for (const peer of offered.filter(isPeer)) {
        const release = await replica.log.locks.tryHold(lockOf(peer));
        if (release) first = { peer, release };
        if (first) break;
      }
      // After the lock: whoever held it last has stored what it sent.
      const { stored, doc: loaded, isEmpty } = await replica.read();
      doc = loaded;
      if (first) write(first.peer, first.release);
      else write(doc.peerIdStr, await replica.log.locks.tryHold(lockOf(doc.peerIdStr)));
      listen();
      restore(stored.facts, stored.entries);
      return !isEmpty;
    },

    /** What the server leases to this device, for good. One of these is written under as soon as nothing is on its way. */
    async lease({ peers }: Pick<JoinExtra, 'peers'>, permission: 'read' | 'write'): Promise<void> {
      if (!replica) return;
      // Not among the free ones are those that tabs of this device write under now: they are for a later start.
      await replica.change((facts) => {
        offered = [...new Set([...facts.leased, ...peers])].slice(0, LEASED_LIMIT);
        return { ...facts, permission, leased: [...offered] };
      });
      await useOffer();
    },

    /** From the server, already in the document. */
    imported(update: Uint8Array): void {
      void replica?.keepSoon({ kind: 'remote', bytes: update });
    },

    acknowledged(): void {
      onChange();
      if (needsLease()) void useOffer();
      if (!replica || savingAcked !== undefined) return;
      savingAcked = setTimeout(() => {
        savingAcked = undefined;
        const acked = ledger.acked();
        void replica.change((facts) => ({ ...facts, own: { ...facts.own, ...Object.fromEntries(acked) } }));
      }, ACKED_DELAY_MS);
    },

    /** Another document from now on. The server has answered for everything that was in the old one. */
    async replaceWith(fresh: LoroDoc, bytes: Uint8Array, review: ReviewPatch): Promise<void> {
      doc = fresh;
      ledger = createLedger();
      listen();
      // What was rebased counts as done under its old peers: nothing new is written under those.
      offered = [];
      write(doc.peerIdStr, undefined);
      const { permission } = replica?.facts() ?? NO_FACTS;
      await replica?.reset({ ...NO_FACTS, permission, review });
      await replica?.keep({ kind: 'remote', bytes });
    },

    close(): void {
      closing.abort();
      clearTimeout(savingAcked);
      stopListening();
      // Whoever holds the peer id next reads in the store where it ends.
      const release = held?.release;
      void replica?.close().finally(release);
    },
  };
}

function isPeer(text: string): text is PeerID {
  return /^[0-9]{1,20}$/.test(text);
}
