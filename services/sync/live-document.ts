// One document in memory with its three rooms and its place in the log. Every change goes through the log. When Loro fails at
// an update it is loaded anew while its members stay; when the log fails it stops for good, and the next to ask loads it.
import { sha256Hex } from '@hakiri/base/bytes';
import type { Version } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import { roomOf } from '@hakiri/contracts/names';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId, DocumentLog } from '@hakiri/substrate/document-log';
import { CrdtType } from 'loro-protocol';
import { CommitGroup } from './commit-group.ts';
import type { SyncConfig } from './config.ts';
import type { Document } from './document.ts';
import { type LoadedDocument, loadDocument } from './load-document.ts';
import type { SyncMetrics } from './metrics.ts';
import { NewsRoom } from './news-room.ts';
import type { Peer } from './peer.ts';
import { PresenceRoom } from './presence-room.ts';
import { type AppliedNote, encodeBase, encodeRecord, type LogRecord } from './record.ts';
import { Room, type RoomOptions } from './room.ts';
import { planEdit, writeStep } from './server-edit.ts';
import { VersionWaiters } from './version-waiters.ts';

export type LiveDocumentDeps = {
  log: DocumentLog;
  clock: Clock;
  logger: Logger;
  metrics: SyncMetrics;
  config: SyncConfig;
};

export type LiveDocumentHooks = {
  /** Loro failed at what this peer sent. */
  onHarmful(peer: Peer): void;
  /** It takes nothing any more. */
  onStopped(): void;
};

/** The document stopped, or was unloaded: whoever still wants it asks again. */
export class DocumentStopped extends Error {
  override readonly name = 'DocumentStopped';
}

type Loaded = LoadedDocument & { commits: CommitGroup };
type Waiting = { run(): void; fail(error: unknown): void };

/** What waits for a reload; a peer whose frame does not fit is put off. */
const WAITING_LIMIT = 10_000;
/** A shorter tail is not worth a new base when the document leaves memory. */
const UNLOAD_COMPACT_ENTRIES = 32;
const SELF: Actor = { kind: 'service', id: 'sync' };

export class LiveDocument {
  readonly room: Room;
  readonly presence: PresenceRoom;
  readonly news: NewsRoom;
  readonly #id: DocumentId;
  readonly #deps: LiveDocumentDeps;
  readonly #hooks: LiveDocumentHooks;
  readonly #waiters: VersionWaiters;
  #state: 'live' | 'reloading' | 'stopped' = 'live';
  #loaded: Loaded;
  #waiting: Waiting[] = [];

  /** @throws DocumentLogError, RecordError, or what Loro throws at a damaged log. */
  static async open(
    id: DocumentId,
    deps: LiveDocumentDeps,
    hooks: LiveDocumentHooks,
    creator?: Actor,
  ): Promise<LiveDocument> {
    const startedAtMs = deps.clock.now();
    const loaded = await loadDocument(deps.log, id, deps.config);
    deps.metrics.loaded(deps.clock.now() - startedAtMs);
    const live = new LiveDocument(id, deps, hooks, loaded);
    live.#initialize(creator);
    return live;
  }

  private constructor(
    id: DocumentId,
    deps: LiveDocumentDeps,
    hooks: LiveDocumentHooks,
    loaded: LoadedDocument,
  ) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#loaded = this.#withCommits(loaded);
    this.#waiters = new VersionWaiters(deps.clock);
    const roomId = roomOf(id.team, id.doc);
    const { clock, config, metrics } = deps;
    this.room = new Room(this.#loaded, this.#roomOptions({ crdt: CrdtType.Loro, roomId }));
    this.presence = new PresenceRoom({
      address: { crdt: CrdtType.LoroEphemeralStore, roomId },
      clock,
      limits: config.presence,
      onRefused: metrics.refused,
    });
    this.news = new NewsRoom({
      address: { crdt: CrdtType.LoroEphemeralStorePersisted, roomId },
      now: clock.now,
      applied: loaded.applied,
      onRefused: metrics.refused,
    });
  }

  /** At once, or after the reload under way. `fail` when neither will be. */
  whenLive(waiting: Waiting): void {
    if (this.#state === 'live') this.#attempt(waiting);
    else if (this.#state === 'stopped' || this.#waiting.length === WAITING_LIMIT)
      waiting.fail(new DocumentStopped());
    else this.#waiting.push(waiting);
  }

  /** What `work` read is durable when this resolves: no answer names a version that a crash could take back. */
  async read<T>(work: (document: Document) => T): Promise<T> {
    const result = await new Promise<T>((resolve, reject) =>
      this.whenLive({ run: () => resolve(work(this.#loaded.document)), fail: reject }),
    );
    await this.#durable();
    return result;
  }

  /** Resolves when it is durable. */
  async edit(request: EditRequest, actor: Actor): Promise<EditReply> {
    const planned = planEdit(request);
    if (planned.kind === 'refused') return planned;
    return this.#change((document) => {
      let changed = 0;
      for (const step of planned.steps) {
        const written = writeStep(document, step);
        changed += written.changed;
        if (written.update !== undefined) this.#submitEdit(written.update, actor);
      }
      return { kind: 'done', version: document.version(), changed };
    });
  }

  /** Whether the document came to hold the version in time. */
  hasVersion(version: Version, timeoutMs: number): Promise<boolean> {
    if (this.#loaded.document.includes(version)) return Promise.resolve(true);
    return this.#waiters.wait(version, timeoutMs);
  }

  /** Keeps the revision across restarts and tells the editors. A repeat or an older one changes nothing. */
  async recordApplied(note: AppliedNote, actor: Actor): Promise<void> {
    const isNews = (): boolean => (this.news.applied?.number ?? 0) < note.number;
    if (!isNews()) return;
    await this.#change(() => {
      const record: LogRecord = { kind: 'applied', actor, receivedAtMs: this.#deps.clock.now(), note };
      this.#submit(record, (stored) => {
        if (stored && isNews()) this.news.announce(note);
      });
    });
  }

  /** Leaves memory: nothing of it is used afterwards. Resolves when what was submitted is stored or has failed. */
  async unload(): Promise<void> {
    if (this.#state === 'live' && this.#loaded.entries >= UNLOAD_COMPACT_ENTRIES) this.#compact();
    await this.#loaded.commits.drained();
    this.#end();
  }

  #roomOptions(address: RoomOptions['address']): RoomOptions {
    const { clock, config, metrics } = this.#deps;
    return {
      address,
      now: clock.now,
      limits: {
        perFrame: config.update.perFrame,
        backlogBytes: config.backlogBytes,
        queueBytes: config.queueBytes,
      },
      isFull: () => this.#loaded.baseBytes + this.#loaded.entryBytes > config.documentBytes,
      onChanged: () => this.#waiters.look(this.#loaded.document),
      onBroken: ({ peer, identity, update, error }) => {
        void this.#quarantine(identity.user, update, error);
        this.#hooks.onHarmful(peer);
        void this.#reload();
      },
      observe: metrics,
    };
  }

  #withCommits(loaded: LoadedDocument): Loaded {
    const commits: CommitGroup = new CommitGroup({
      log: this.#deps.log,
      id: this.#id,
      epoch: loaded.epoch,
      position: loaded.position,
      onFailure: (error) => this.#stop(error),
      onStored: (entries, bytes) => this.#stored(entries, bytes),
    });
    return { ...loaded, commits };
  }

  #initialize(creator: Actor | undefined): void {
    const { clock } = this.#deps;
    if (this.#loaded.position === 0)
      this.#submit({ kind: 'created', actor: creator ?? SELF, receivedAtMs: clock.now() }, () => {});
    const update = this.#loaded.document.initialize();
    if (update !== undefined) this.#submitEdit(update, SELF);
  }

  async #change<T>(work: (document: Document) => T): Promise<T> {
    const result = await this.read(work);
    this.#waiters.look(this.#loaded.document);
    return result;
  }

  #submitEdit(update: Uint8Array, actor: Actor): void {
    const record: LogRecord = { kind: 'update', actor, receivedAtMs: this.#deps.clock.now(), update };
    this.#submit(record, (stored) => {
      if (stored) this.room.announce(update);
    });
  }

  #submit(record: LogRecord, settled: (stored: boolean) => void): void {
    this.#loaded.commits.submit(encodeRecord(record), settled);
  }

  #durable(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#loaded.commits.whenDurable((stored) => (stored ? resolve() : reject(new DocumentStopped()))),
    );
  }

  #stored(entries: number, bytes: number): void {
    const { config, metrics } = this.#deps;
    metrics.stored(entries);
    this.#loaded.entries += entries;
    this.#loaded.entryBytes += bytes;
    // A big document's base is written rarely: its tail may grow to half of it.
    const limitBytes = Math.max(config.compactBytes, this.#loaded.baseBytes / 2);
    if (this.#loaded.entries > config.compactEntries || this.#loaded.entryBytes > limitBytes) this.#compact();
  }

  #compact(): void {
    const loaded = this.#loaded;
    loaded.entries = 0;
    loaded.entryBytes = 0;
    loaded.commits.compact(() => {
      if (this.#state !== 'live' || this.#loaded !== loaded) return undefined;
      const base = encodeBase({ snapshot: loaded.document.snapshot(), applied: this.news.applied });
      loaded.baseBytes = base.length;
      return base;
    });
  }

  #attempt({ run, fail }: Waiting): void {
    try {
      run();
    } catch (error) {
      this.#deps.logger.error('document_failed', { ...this.#id, ...errorFields(error) });
      if (error instanceof WebAssembly.RuntimeError) void this.#reload();
      fail(error);
    }
  }

  async #reload(): Promise<void> {
    if (this.#state !== 'live') return;
    this.#state = 'reloading';
    const broken = this.#loaded;
    try {
      await broken.commits.drained();
      if (this.#isStopped()) return;
      this.#loaded = this.#withCommits(await loadDocument(this.#deps.log, this.#id, this.#deps.config));
      this.room.hold(this.#loaded);
    } catch (error) {
      this.#stop(error);
      return;
    } finally {
      broken.document.free();
    }
    this.#state = 'live';
    for (const waiting of this.#waiting.splice(0)) this.whenLive(waiting);
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  async #quarantine(user: string, update: Uint8Array, error: unknown): Promise<void> {
    this.#deps.metrics.quarantined();
    const digest = await sha256Hex(update);
    this.#deps.logger.error('update_quarantined', {
      ...this.#id,
      user,
      digest,
      bytes: update.length,
      error: String(error),
    });
  }

  #stop(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.#deps.logger.error('document_stopped', { ...this.#id, ...errorFields(error) });
    this.#end();
    this.#hooks.onStopped();
  }

  #end(): void {
    this.#state = 'stopped';
    for (const waiting of this.#waiting.splice(0)) waiting.fail(new DocumentStopped());
    this.#waiters.close();
    this.presence.close();
    this.news.close();
    this.#loaded.document.free();
  }
}
