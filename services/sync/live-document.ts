// One document in memory with its three rooms and its place in the log. Every change goes through the log. When Loro fails at
// an update it is loaded anew while its members stay; when the log fails it stops for good, and the next to ask loads it.
import type { Version } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import { roomOf } from '@hakiri/contracts/names';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId, DocumentLog } from '@hakiri/substrate/document-log';
import { CrdtType } from 'loro-protocol';
import type { SyncConfig } from './config.ts';
import type { Document } from './document.ts';
import type { SyncMetrics } from './metrics.ts';
import { NewsRoom } from './news-room.ts';
import type { Peer } from './peer.ts';
import { PersistedDocument } from './persisted-document.ts';
import { PresenceRoom } from './presence-room.ts';
import { quarantine } from './quarantine.ts';
import type { AppliedNote, LogRecord } from './record.ts';
import { Room, type RoomOptions } from './room.ts';
import { planEdit, REFUSED_EDITS, writeStep } from './server-edit.ts';
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

type Waiting = { run(): void; fail(error: unknown): void };

/** What waits for a reload; a peer whose frame does not fit is put off. */
const WAITING_LIMIT = 10_000;
const SELF: Actor = { kind: 'service', id: 'sync' };

export class LiveDocument {
  readonly room: Room;
  readonly presence: PresenceRoom;
  readonly news: NewsRoom;
  /** The log had nothing of it when it was opened. */
  readonly wasNew: boolean;
  readonly #id: DocumentId;
  readonly #deps: LiveDocumentDeps;
  readonly #hooks: LiveDocumentHooks;
  readonly #waiters: VersionWaiters;
  /** `reloading` and `leaving` take nothing in: what comes waits for what follows. */
  #state: 'live' | 'reloading' | 'leaving' | 'stopped' = 'live';
  #reloaded: Promise<void> = Promise.resolve();
  #persisted: PersistedDocument;
  #waiting: Waiting[] = [];

  /** @throws DocumentLogError, RecordError, or what Loro throws at a damaged log. */
  static async open(
    id: DocumentId,
    deps: LiveDocumentDeps,
    hooks: LiveDocumentHooks,
    creator?: Actor,
  ): Promise<LiveDocument> {
    // Only a document that is there can stop, so the hooks of its first life find it.
    let live: LiveDocument | undefined;
    const persisted = await load(id, deps, (error) => {
      if (live !== undefined) live.#stop(error);
    });
    live = new LiveDocument(id, deps, hooks, persisted);
    live.#initialize(creator);
    return live;
  }

  private constructor(
    id: DocumentId,
    deps: LiveDocumentDeps,
    hooks: LiveDocumentHooks,
    persisted: PersistedDocument,
  ) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#persisted = persisted;
    this.wasNew = persisted.isNew;
    this.#waiters = new VersionWaiters(deps.clock);
    const roomId = roomOf(id.team, id.doc);
    const { clock, config, metrics } = deps;
    this.room = new Room(persisted, this.#roomOptions({ crdt: CrdtType.Loro, roomId }));
    this.presence = new PresenceRoom({
      address: { crdt: CrdtType.LoroEphemeralStore, roomId },
      clock,
      limits: config.presence,
      onRefused: metrics.refused,
    });
    this.news = new NewsRoom({
      address: { crdt: CrdtType.LoroEphemeralStorePersisted, roomId },
      now: clock.now,
      applied: persisted.applied,
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
      this.whenLive({ run: () => resolve(work(this.#persisted.document)), fail: reject }),
    );
    if (!(await this.#persisted.durable())) throw new DocumentStopped();
    return result;
  }

  /** Resolves when it is durable. */
  async edit(request: EditRequest, actor: Actor): Promise<EditReply> {
    const planned = planEdit(request);
    if (planned.kind === 'refused') return planned;
    return this.#change((document) => {
      const refusal = this.#persisted.refusal();
      if (refusal !== undefined) return REFUSED_EDITS[refusal];
      let changed = 0;
      for (const step of planned.steps) {
        const written = writeStep(document, step);
        changed += written.changed;
        if (written.update !== undefined) this.#submitEdit(written.update, actor);
      }
      return { kind: 'done', version: document.version(), changed };
    });
  }

  /** Whether the document came to hold the version in time. @throws DocumentStopped */
  async hasVersion(version: Version, timeoutMs: number): Promise<boolean> {
    if (this.#isStopped()) throw new DocumentStopped();
    if (this.#persisted.document.includes(version)) return true;
    const arrived = await this.#waiters.wait(version, timeoutMs);
    // It may be among what waits for the document to be loaded anew.
    if (!arrived && this.#state !== 'live') throw new DocumentStopped();
    return arrived;
  }

  /** Keeps the revision across restarts and tells the editors. A repeat or an older one changes nothing. */
  async recordApplied(note: AppliedNote, actor: Actor): Promise<void> {
    const isNews = (): boolean => (this.news.applied?.number ?? 0) < note.number;
    if (!isNews()) return;
    await this.#change(() => {
      const record: LogRecord = { kind: 'applied', actor, receivedAtMs: this.#deps.clock.now(), note };
      this.#persisted.submit(record, (stored) => {
        if (!stored || !isNews()) return;
        this.#persisted.applied = note;
        this.news.announce(note);
      });
    });
  }

  /**
   * Leaves memory: nothing of it is used afterwards. It takes no change any more, so that it comes to an end however fast
   * others write. Resolves when what was submitted is stored, and acknowledged, or has failed.
   */
  async unload(): Promise<void> {
    while (this.#state === 'reloading') await this.#reloaded;
    if (this.#state !== 'live') return;
    this.#state = 'leaving';
    await this.#persisted.finish();
    if (!this.#isStopped()) this.#end();
  }

  #roomOptions(address: RoomOptions['address']): RoomOptions {
    const { clock, config, metrics } = this.#deps;
    return {
      address,
      now: clock.now,
      limits: {
        perFrame: config.update.perFrame,
        queueBytes: config.queueBytes,
      },
      refusal: () => this.#persisted.refusal(),
      onChanged: () => this.#waiters.look(this.#persisted.document),
      onSpoilt: () => this.#reload(),
      onBroken: ({ peer, identity, update, error }) => {
        void quarantine(this.#id, { user: identity.user, update, error }, this.#deps);
        this.#hooks.onHarmful(peer);
        this.#reload();
      },
      observe: metrics,
    };
  }

  #initialize(creator: Actor | undefined): void {
    const { clock } = this.#deps;
    if (this.#persisted.isNew)
      this.#persisted.submit(
        { kind: 'created', actor: creator ?? SELF, receivedAtMs: clock.now() },
        () => {},
      );
    const update = this.#persisted.document.initialize();
    if (update !== undefined) this.#submitEdit(update, SELF);
  }

  async #change<T>(work: (document: Document) => T): Promise<T> {
    const result = await this.read(work);
    this.#waiters.look(this.#persisted.document);
    return result;
  }

  #submitEdit(update: Uint8Array, actor: Actor): void {
    const record: LogRecord = { kind: 'update', actor, receivedAtMs: this.#deps.clock.now(), update };
    this.#persisted.submit(record, (stored) => {
      if (stored) this.room.announce(update);
    });
  }

  #attempt({ run, fail }: Waiting): void {
    try {
      run();
    } catch (error) {
      this.#deps.logger.error('document_failed', { ...this.#id, ...errorFields(error) });
      if (error instanceof WebAssembly.RuntimeError || this.#persisted.document.isSpoilt) this.#reload();
      fail(error);
    }
  }

  #reload(): void {
    if (this.#state !== 'live') return;
    this.#state = 'reloading';
    this.#reloaded = this.#loadAnew();
  }

  async #loadAnew(): Promise<void> {
    const broken = this.#persisted;
    try {
      await broken.abandon();
      if (this.#isStopped()) return;
      this.#persisted = await load(this.#id, this.#deps, (error) => this.#stop(error));
      this.room.hold(this.#persisted);
    } catch (error) {
      this.#stop(error);
      return;
    } finally {
      broken.free();
    }
    this.#state = 'live';
    for (const waiting of this.#waiting.splice(0)) this.whenLive(waiting);
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
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
    this.#waiters.close(new DocumentStopped());
    this.presence.close();
    this.news.close();
    this.#persisted.free();
  }
}

async function load(
  id: DocumentId,
  { log, clock, metrics, config }: LiveDocumentDeps,
  onFailure: (error: unknown) => void,
): Promise<PersistedDocument> {
  const startedAtMs = clock.now();
  const persisted = await PersistedDocument.load({ log, id, config, onFailure, onStored: metrics.stored });
  metrics.loaded(clock.now() - startedAtMs);
  return persisted;
}
