// Which documents are held: there when somebody asks, kept while somebody holds them, let go some time after the last did. A
// document that is held may sleep (document-life.ts); of those awake, the one used longest ago has to when there are too many.
import type { Actor } from '@hakiri/contracts/envelope';
import { DEFAULT_DOC, type DocVersion } from '@hakiri/contracts/names';
import { errorFields } from '@hakiri/service/logger';
import type { Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { Query, QueryName, QueryValue } from '../host/queries.ts';
import { type FaultKind, Faults } from '../pool/faults.ts';
import type { Peer } from '../socket/peer.ts';
import { DocumentStopped, type PassingCause, StorageFull } from './document-errors.ts';
import type { DocumentLife } from './document-life.ts';
import { FullDocuments } from './full-documents.ts';
import { LiveDocument, type LiveDocumentDeps } from './live-document.ts';
import { readStored } from './stored-read.ts';
import { Unwritten } from './unwritten.ts';

/** Who holds a document, as far as the document has to tell them something. */
export interface Holder {
  onHarmful?(peer: Peer): void;
  onStopped?(cause: PassingCause): void;
}

export type Hold = {
  live: LiveDocument;
  /** Nobody held it before. */
  isFirst: boolean;
  release(): void;
};
export type Acquired =
  | { kind: 'held'; hold: Hold }
  | { kind: 'no_document' }
  /** There is no room for it, or workers were lost again and again when it was opened. */
  | { kind: 'unavailable' }
  /** Its log has no room: it can be read (`readStored`), and is opened again after a pause. */
  | { kind: 'storage_full' }
  /** Sync is stopping. */
  | { kind: 'stopping' };

export type Creation = 'created' | 'exists' | 'too_many';

type Slot = {
  id: DocumentId;
  key: string;
  live: LiveDocument;
  holders: Set<Holder>;
  timer: Timer | undefined;
  /** Set while it leaves memory: whoever asks waits, then loads it anew. */
  leaving: Promise<void> | undefined;
};

/** Of the documents in memory that one team may have there, when others want room too. */
const TEAM_SHARE = 0.5;
/** Of the documents in memory that have to sleep when the workers have too much memory. */
const PRESSURE_SHARE = 0.25;

export class Documents {
  readonly #deps: LiveDocumentDeps;
  readonly #faults: Faults;
  readonly #full: FullDocuments;
  /** In the order in which they were let go: of those that nobody holds, the first is the one longest unheld. */
  readonly #slots = new Map<string, Slot>();
  readonly #unwritten: Unwritten;
  #stopped = false;

  constructor(deps: LiveDocumentDeps) {
    this.#deps = deps;
    this.#faults = new Faults(deps.config.faults);
    this.#full = new FullDocuments(deps.clock, deps.config.full);
    this.#unwritten = new Unwritten(deps.clock, deps.config.unwritten);
    deps.pool.suspects.onLost = (id, isRefused) => this.#openingLost(id, isRefused);
    deps.pool.onPressure = () => this.#sleepLeastUsed(PRESSURE_SHARE);
    deps.metrics.watch({
      documents: () => this.#facts(),
      commands: () => deps.pool.backlog,
      memory: () => deps.pool.memory,
    });
  }

  /** What this user sent made others start anew too often. */
  isCooling(user: string): boolean {
    return this.#faults.isCooling(user, this.#deps.clock.now());
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The default document exists without having been created. @throws DocumentLogError when the log does not answer. */
  async acquire(id: DocumentId, holder: Holder): Promise<Acquired> {
    const isKnown = this.#slots.has(keyOf(id)) || id.doc === DEFAULT_DOC;
    if (!isKnown && !(await this.#deps.log.list(id.team)).includes(id.doc)) return { kind: 'no_document' };
    return this.#open(id, holder);
  }

  /** Holds the document while `work` runs. @throws DocumentStopped, StorageFull */
  async use<T>(id: DocumentId, work: (live: LiveDocument) => Promise<T>): Promise<T | undefined> {
    const acquired = await this.acquire(id, {});
    return acquired.kind === 'no_document' ? undefined : this.#work(id, acquired, ({ live }) => work(live));
  }

  /** As the log has it, without opening it: of one whose log has no room. @throws ScratchFailed, ScratchLost, DocumentBusy */
  readStored<N extends QueryName>(
    id: DocumentId,
    query: Extract<Query, { name: N }>,
  ): Promise<{ value: QueryValue<N>; version: DocVersion }> {
    return readStored(this.#deps, id, query);
  }

  async list(team: string): Promise<string[]> {
    return [...new Set([DEFAULT_DOC, ...(await this.#deps.log.list(team))])].sort();
  }

  /** Durable when it resolves. Of two who create one at once, one has. @throws DocumentStopped */
  async create(id: DocumentId, creator: Actor): Promise<Creation> {
    const known = new Set(await this.list(id.team));
    if (known.has(id.doc)) return 'exists';
    // Those that others are creating right now are not listed yet.
    for (const slot of this.#slots.values()) if (slot.id.team === id.team) known.add(slot.id.doc);
    if (!known.has(id.doc) && known.size >= this.#deps.config.documentsPerTeam) return 'too_many';
    const acquired = await this.#open(id, {}, creator);
    return this.#work(id, acquired, async ({ live, isFirst }) => {
      await live.query({ name: 'version', input: undefined });
      return isFirst && live.wasNew ? 'created' : 'exists';
    });
  }

  /** Every document leaves memory, what was submitted is stored. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwritten.close();
    await Promise.all(
      [...this.#slots.values()].map(async (slot) => {
        slot.timer?.cancel();
        await (slot.leaving ?? this.#unload(slot));
      }),
    );
  }

  async #work<T>(id: DocumentId, acquired: Acquired, work: (hold: Hold) => Promise<T>): Promise<T> {
    if (acquired.kind === 'storage_full') throw new StorageFull();
    if (acquired.kind !== 'held') throw new DocumentStopped();
    try {
      return await work(acquired.hold);
    } catch (error) {
      throw error instanceof DocumentStopped && this.#full.has(keyOf(id)) ? new StorageFull() : error;
    } finally {
      acquired.hold.release();
    }
  }

  async #open(id: DocumentId, holder: Holder, creator?: Actor): Promise<Acquired> {
    const key = keyOf(id);
    // Nothing may come between the last look and the new slot: two slots would be two writers.
    let found = this.#slots.get(key);
    while (found?.leaving !== undefined) {
      await found.leaving;
      found = this.#slots.get(key);
    }
    if (found !== undefined) return this.#hold(found, holder, false);
    if (this.#stopped) return { kind: 'stopping' };
    if (this.#full.has(key)) return { kind: 'storage_full' };
    if (this.#deps.pool.suspects.isRefused(id)) return { kind: 'unavailable' };
    const room = this.#roomFor(id.team);
    if (room === 'none') return { kind: 'unavailable' };
    if (room !== 'free') {
      await this.#unload(room);
      return this.#open(id, holder, creator);
    }
    const holders = new Set<Holder>();
    const forget = (): void => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
      this.#unwritten.forget(slot.live);
    };
    const live = new LiveDocument(
      id,
      this.#deps,
      {
        onAwake: () => this.#limitAwake(slot.live),
        onHarmful: (peer) => {
          for (const one of [...holders]) one.onHarmful?.(peer);
        },
        onFault: (user, kind) => this.#fault(id, user, kind),
        isCooling: (user) => this.isCooling(user),
        onStopped: (error) => {
          forget();
          const cause = this.#full.stopped(key, error);
          this.#deps.metrics.stopped(cause);
          for (const one of [...holders]) one.onStopped?.(cause);
        },
      },
      creator,
    );
    const slot: Slot = { id, key, live, holders, timer: undefined, leaving: undefined };
    this.#slots.set(key, slot);
    return this.#hold(slot, holder, true);
  }

  /** A slot has to go first, or nothing, or nothing helps. No team keeps the others out. */
  #roomFor(team: string): 'free' | 'none' | Slot {
    const { documents } = this.#deps.config;
    let own = 0;
    for (const { id } of this.#slots.values()) if (id.team === team) own += 1;
    const isOverShare = own >= Math.max(1, Math.floor(documents * TEAM_SHARE));
    if (this.#slots.size < documents && !isOverShare) return 'free';
    for (const slot of this.#slots.values())
      if (slot.holders.size === 0 && (!isOverShare || slot.id.team === team)) return slot;
    return 'none';
  }

  #hold(slot: Slot, holder: Holder, isFirst: boolean): Acquired {
    slot.timer?.cancel();
    slot.timer = undefined;
    slot.holders.add(holder);
    const release = (): void => this.#release(slot, holder);
    return { kind: 'held', hold: { live: slot.live, isFirst, release } };
  }

  #release(slot: Slot, holder: Holder): void {
    if (!slot.holders.delete(holder) || slot.holders.size > 0 || this.#stopped) return;
    if (this.#slots.get(slot.key) !== slot) return;
    this.#slots.delete(slot.key);
    this.#slots.set(slot.key, slot);
    slot.timer?.cancel();
    slot.timer = this.#deps.clock.after(this.#deps.config.unloadMs, () => {
      if (slot.holders.size === 0) void this.#unload(slot);
    });
  }

  #unload(slot: Slot): Promise<void> {
    slot.leaving ??= slot.live
      .unload()
      .catch((error) => this.#deps.logger.error('document_unload_failed', errorFields(error)))
      .then(() => {
        if (this.#slots.get(slot.key) === slot) this.#slots.delete(slot.key);
        this.#unwritten.forget(slot.live);
      });
    return slot.leaving;
  }

  #fault(id: DocumentId, user: string, kind: FaultKind): void {
    const { clock, logger, metrics } = this.#deps;
    if (!this.#faults.add(user, keyOf(id), kind, clock.now())) return;
    metrics.userCooled();
    logger.warn('user_cools', { ...id, user, fault: kind });
  }

  /** Said once, as nobody opens it while it is refused. */
  #openingLost(id: DocumentId, isRefused: boolean): void {
    const { clock, logger, metrics } = this.#deps;
    this.#faults.addToDocument(keyOf(id), 'harmful', clock.now());
    if (!isRefused) return;
    metrics.documentRefused();
    logger.error('document_refused', { ...id, reason: 'its opening ended workers again and again' });
  }

  /** At every one that was opened, so without a list where there is nothing to do. */
  #limitAwake(opened: LiveDocument): void {
    const { documentsAwake } = this.#deps.config;
    if (!this.#stopped) this.#unwritten.opened(opened);
    let awake = 0;
    for (const { live } of this.#slots.values()) if (live.life.isAwake) awake += 1;
    if (awake <= documentsAwake) return;
    for (const life of this.#awake().slice(0, awake - documentsAwake)) void life.sleep();
  }

  #sleepLeastUsed(share: number): void {
    const lives = this.#awake();
    // The one in use is the last: somebody is at it.
    const count = Math.min(lives.length - 1, Math.ceil(lives.length * share));
    for (const life of lives.slice(0, Math.max(0, count))) void life.sleep();
  }

  /** Longest unused first. */
  #awake(): DocumentLife[] {
    const awake = [...this.#slots.values()].map(({ live }) => live.life).filter(({ isAwake }) => isAwake);
    return awake.sort((a, b) => a.usedAtMs - b.usedAtMs);
  }

  #facts() {
    const facts = { held: this.#slots.size, full: this.#full.size, awake: 0, rooms: 0, backlogBytes: 0 };
    for (const { live } of this.#slots.values()) {
      if (live.life.isAwake) facts.awake += 1;
      if (live.room.size > 0) facts.rooms += 1;
      facts.backlogBytes += live.life.backlogBytes;
    }
    return facts;
  }
}

function keyOf({ team, doc }: DocumentId): string {
  return `${team}/${doc}`;
}
