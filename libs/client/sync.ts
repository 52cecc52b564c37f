// A live document: a Loro replica that stays in step with the server over the unmodified loro-websocket client, whatever the
// connection does, kept on this device when there is a store for it; and the presence of everybody in it.
import { versionOf } from '@hakiri/config-doc/version';
import { HISTORY_COMPACTED, UPDATE_REQUIRED } from '@hakiri/contracts/join';
import { type DocId, type DocVersion, roomOf, type TeamId } from '@hakiri/contracts/names';
import type { EphemeralStore, LoroDoc } from 'loro-crdt';
import { createDocuments } from './documents.ts';
import { JoinRefused } from './errors.ts';
import { createHttp, type TokenSource } from './http.ts';
import { createNotices, type Notices } from './notices.ts';
import { createPresenceStore } from './presence-store.ts';
import { openReplica } from './replica.ts';
import { NO_FACTS, type ReplicaStore } from './replica-store.ts';
import { applyReviewPatch } from './review.ts';
import type { ReviewPatch } from './review-patch.ts';
import { createEditing } from './sync-editing.ts';
import { exportSpans, versionMap } from './sync-ledger.ts';
import { rescue } from './sync-rescue.ts';
import { IMPORT_FAILED, type Room, type RoomEvents, UPDATES_MISSING } from './sync-room.ts';
import { codeOf, isPassing, retryAfterOf, stayInRoom, type Verdict } from './sync-stay.ts';
import { createTally, type Joined, type SyncStatus, untilSaved } from './sync-tally.ts';
import { oneForAll } from './wait.ts';

export { JoinRefused } from './errors.ts';
export { PRESENCE_TTL_MS } from './presence-store.ts';
export type { Joined, SyncStatus } from './sync-tally.ts';

export type DocumentConnection = {
  /** The current one: see `onReplaced`. */
  readonly doc: LoroDoc;
  readonly presence: EphemeralStore;
  readonly joined: Joined;
  status(): SyncStatus;
  /** Called at once and at every change. Returns how to stop it. */
  onStatus(listener: (status: SyncStatus) => void): () => void;
  /** `doc` is another object from now on: forget what hangs on the one before. Returns how to stop it. */
  onReplaced(listener: (doc: LoroDoc) => void): () => void;
  /** Conflicts that concern the caller. The first call begins to listen. */
  notices(): Notices;
  /** Names the state of the document as it is here now: what an Apply may ask for. */
  version(): DocVersion;
  /** Resolves when everything typed here is acknowledged. @throws JoinRefused when that will not happen any more. */
  saved(): Promise<void>;
  /** Resolves when everything typed here survives the end of this page or process, as far as there is a store. */
  kept(): Promise<void>;
  /** With `needs_review`: writes all of the patch, or these changes of it, into the document. How many pipelines and variables changed. */
  applyPatch(changes?: ReviewPatch): number;
  dropPatch(): void;
  /**
   * With `refused` or `blocked`: gives up sending the edits as they are. The document is loaded anew, and what the server lacks is
   * a patch to take or to drop (`needs_review`). @throws ApiProblem, Unreachable: then nothing has changed
   */
  review(): Promise<void>;
  /** Gives up what the server refuses: closes, and the stored replica is gone. */
  forget(): Promise<void>;
  close(): void;
};

export type DocumentOptions = {
  client: { url: string; tokens: TokenSource };
  team: TeamId;
  doc: DocId;
  /** Keeps the document and what is unsent on this device, for this user. */
  replica?: { store: ReplicaStore; user: string };
  /** So long is waited for others to bring what our edits build on, before the status says `blocked`. */
  blockedAfterMs?: number;
  /** Resolves when Loro may be used; the replica is opened meanwhile. */
  loro?: Promise<unknown>;
};

/** Whoever was cut off by a restart of the server is back by then. */
const BLOCKED_AFTER_MS = 60_000;

/**
 * Resolves when the document is here: at the server's version, or at once as it was the last time, where a replica is.
 * @throws JoinRefused, Unreachable; not when there is a replica: the status says it then
 */
export async function connectDocument(options: DocumentOptions): Promise<DocumentConnection> {
  const room = roomOf(options.team, options.doc);
  const { url, tokens } = options.client;
  const tally = createTally();
  const replica = await openReplica({ ...options.replica, room, onBroken: () => tellUnsaved() });
  await options.loro;
  const { presence, own, end: endPresence } = createPresenceStore();
  const replacedListeners = new Set<(doc: LoroDoc) => void>();
  const first = Promise.withResolvers<void>();
  let joined: Joined = { permission: 'write', extra: undefined };
  let send: ((updates: Uint8Array[]) => void) | undefined;
  let current: Room | undefined;
  let denials = 0;
  /** Since then nothing was taken, as something that it builds on is missing there. */
  let missingSinceMs: number | undefined;
  let closed = false;

  const editing = createEditing({ replica, onChange: tellUnsaved, onKept: () => pump('mine') });
  const news = createNotices(editing.doc);
  let wantsNews = false;

  function tellUnsaved(): void {
    const ledger = editing.ledger();
    tally.know({
      unsaved: { mine: ledger.unsaved('mine'), all: ledger.unsaved('all') },
      kept: replica?.works() === true && ledger.isKept(),
    });
  }

  function pump(who: 'mine' | 'all'): void {
    if (!send || joined.permission !== 'write') return;
    const doc = editing.doc();
    const spans = editing.ledger().take(who, versionMap(doc));
    if (spans.length > 0) send(exportSpans(doc, spans));
  }

  const events: RoomEvents = {
    joined(as, version, sendThere) {
      joined = as;
      send = sendThere;
      editing.ledger().atServer(version);
      pump('all');
      // What other tabs told is stored, and may be sent from here, a moment later.
      void replica?.flush().then(() => pump('all'));
      tally.know({ permission: as.permission });
      editing.acknowledged();
      if (current) tally.know({ joined: true });
    },
    lost() {
      send = undefined;
      tally.know({ joined: false });
    },
    imported: editing.imported,
    acknowledged(ends) {
      denials = 0;
      unblock();
      editing.ledger().acknowledge(ends);
      editing.acknowledged();
    },
    refused(code) {
      // Of a role that changed meanwhile the next join tells. Denied again after it, it is not the role.
      if (code === 'permission_denied' && ++denials < 2) return;
      tally.know({ refusal: code });
    },
  };

  const stay = stayInRoom({
    url: `${url.replace(/^http/, 'ws')}/v1/sync`,
    tokens,
    device: replica?.device,
    room,
    doc: editing.doc,
    presence,
    ownPresence: own,
    events,
    entered(entered) {
      current = entered;
      if (wantsNews) entered.joinNews(news.store);
      tally.know({ joined: true });
      // So that a page that ends right away has something to begin with the next time.
      void replica?.flush();
      if (joined.extra) void editing.lease(joined.extra, joined.permission);
      first.resolve();
    },
    ended(reason) {
      current = undefined;
      if (tally.status().kind === 'refused') return { kind: 'stop' };
      if (reason === UPDATES_MISSING) missed();
      return { kind: 'again' };
    },
    failed: async (error): Promise<Verdict> => {
      const refusal = error instanceof JoinRefused ? error.code : undefined;
      if (refusal === UPDATES_MISSING) missed();
      const needsAnother = refusal === HISTORY_COMPACTED || refusal === IMPORT_FAILED;
      const problem = needsAnother ? await loadAnew(true).catch((failure) => failure) : error;
      if (problem === undefined || (refusal === 'permission_denied' && denials < 2)) return { kind: 'again' };
      first.reject(problem);
      if (isPassing(problem)) return { kind: 'again', afterMs: retryAfterOf(problem) };
      const code = codeOf(problem);
      tally.know(code === UPDATE_REQUIRED ? { isOutdated: true } : { refusal: code });
      return { kind: 'stop' };
    },
  });

  /** @throws ApiProblem, Unreachable: then nothing has changed */
  async function loadAnew(handsIn: boolean): Promise<undefined> {
    const documents = createDocuments(createHttp({ url, tokens }));
    const [doc, ledger] = [editing.doc(), editing.ledger()];
    const { fresh, bytes, patch } = await rescue({ documents, docId: options.doc, doc, ledger, handsIn });
    // What nobody has looked at yet stays with what comes now.
    const all = [...tally.review(), ...patch];
    const stored = editing.replaceWith(fresh, bytes, all);
    unblock();
    tally.know({ review: all, refusal: undefined });
    tellUnsaved();
    for (const listener of replacedListeners) listener(fresh);
    await stored;
  }

  function missed(): void {
    missingSinceMs ??= performance.now();
    const waitedMs = performance.now() - missingSinceMs;
    if (waitedMs >= (options.blockedAfterMs ?? BLOCKED_AFTER_MS)) tally.know({ isBlocked: true });
  }

  function unblock(): void {
    missingSinceMs = undefined;
    tally.know({ isBlocked: false });
  }

  function keepReview(left: ReviewPatch): void {
    tally.know({ review: left });
    void replica?.change((facts) => ({ ...facts, review: left }));
  }

  function close(): void {
    if (closed) return;
    closed = true;
    void stay.leave();
    editing.close();
    news.close();
    endPresence();
    tally.know({ closed: true });
  }

  first.promise.catch(() => {});
  const isHere = await editing.load().catch(() => {
    replica?.giveUp();
    return false;
  });
  const { permission, review = [] } = replica?.facts() ?? NO_FACTS;
  joined = { permission, extra: undefined };
  tally.know({ permission, review });
  tellUnsaved();
  void stay.run();
  if (!isHere) {
    try {
      await first.promise;
    } catch (error) {
      close();
      await stay.leave();
      throw error;
    }
  }

  return {
    get doc() {
      return editing.doc();
    },
    presence,
    get joined() {
      return joined;
    },
    status: tally.status,
    onStatus: tally.onStatus,
    onReplaced(listener) {
      replacedListeners.add(listener);
      return () => replacedListeners.delete(listener);
    },
    notices() {
      wantsNews = true;
      current?.joinNews(news.store);
      return news.notices;
    },
    version() {
      editing.doc().commit();
      return versionOf(editing.doc());
    },
    saved: () => untilSaved(tally.onStatus),
    async kept() {
      editing.doc().commit();
      await replica?.flush();
    },
    applyPatch(changes) {
      const patch = tally.review();
      const taken = changes === undefined ? patch : patch.filter((change) => changes.includes(change));
      const changed = applyReviewPatch(editing.doc(), taken);
      editing.doc().commit({ origin: 'review' });
      keepReview(patch.filter((change) => !taken.includes(change)));
      return changed;
    },
    dropPatch: () => keepReview([]),
    review: oneForAll(async () => {
      if (!['refused', 'blocked'].includes(tally.status().kind)) return;
      await stay.leave();
      try {
        if (!closed) await loadAnew(false);
        denials = 0;
      } finally {
        if (!closed && tally.status().kind !== 'refused') void stay.run();
      }
    }),
    async forget() {
      void stay.leave();
      await replica?.reset(NO_FACTS);
      close();
    },
    close,
  };
}
