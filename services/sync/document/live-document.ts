// One document as its editors and everybody else meet it: three rooms, and questions to the document itself. The rooms stay
// as long as somebody holds it; the document is in memory only while it is used (document-life.ts).
import type { Version } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import { type DocVersion, roomOf } from '@hakiri/contracts/names';
import type { EditReply, EditRequest } from '@hakiri/contracts/sync';
import { errorFields } from '@hakiri/service/logger';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { CrdtType } from 'loro-protocol';
import type { CommandKind, CommandOf, Reply } from '../host/protocol.ts';
import type { Query, QueryName, QueryValue } from '../host/queries.ts';
import { type Rescued, Rescuer } from '../http/rescuer.ts';
import type { FaultKind } from '../pool/faults.ts';
import { type Harmful, quarantine } from '../pool/quarantine.ts';
import { NewsRoom } from '../room/news-room.ts';
import { PresenceRoom } from '../room/presence-room.ts';
import { Room } from '../room/room.ts';
import type { Peer } from '../socket/peer.ts';
import { DocumentStopped } from './document-errors.ts';
import { DocumentLife } from './document-life.ts';
import { DocumentNotices } from './document-notices.ts';
import { DocumentPending, type PendingHooks } from './document-pending.ts';
import type { LifeDeps } from './life-hooks.ts';
import { isNewer } from './record.ts';
import { planEdit, REFUSED_EDITS } from './server-edit.ts';
import { VersionWaiters } from './version-waiters.ts';
import { WarmUpTimer } from './warm-up-timer.ts';

export type LiveDocumentDeps = LifeDeps & PendingHooks;

export type LiveDocumentHooks = {
  /** It is in memory now. */
  onAwake(): void;
  /** Loro failed at what this peer sent. */
  onHarmful(peer: Peer): void;
  /** What a user sent made others start anew. */
  onFault(user: string, kind: FaultKind): void;
  /** The user did so too often: nothing is taken of them for a while. */
  isCooling(user: string): boolean;
  /** It takes nothing any more. */
  onStopped(error: unknown): void;
};

const SELF: Actor = { kind: 'service', id: 'sync' };

export class LiveDocument {
  readonly room: Room;
  readonly life: DocumentLife;
  /** The log had nothing of it when it was opened first. */
  wasNew = false;
  #news: NewsRoom | undefined;
  #presence: PresenceRoom | undefined;
  readonly #id: DocumentId;
  readonly #deps: LiveDocumentDeps;
  readonly #hooks: LiveDocumentHooks;
  readonly #waiters: VersionWaiters;
  #rescuer: Rescuer | undefined;
  readonly #notices: DocumentNotices;
  /** What is not live yet. */
  readonly pending: DocumentPending;
  #creator: Actor;
  #isUnwritten = true;

  constructor(id: DocumentId, deps: LiveDocumentDeps, hooks: LiveDocumentHooks, creator: Actor = SELF) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#creator = creator;
    this.#waiters = new VersionWaiters(deps.clock);
    this.life = new DocumentLife(id, deps, {
      onAwake: (opened, isNew) => this.#awake(opened, isNew),
      onAsleep: () => {
        this.room.share(undefined);
        deps.metrics.slept();
      },
      onSnapshot: (snapshot) => this.room.share(snapshot),
      applied: () => this.#news?.applied,
      looked: () => this.#notices.looked(),
      lookIn: (hosting) => this.pending.lookIn(hosting).then(() => this.#notices.lookIn(hosting)),
      counters: () => this.#waiters.counters,
      holders: () => this.room.holders(),
      onSealed: ({ update, ends }) => {
        if (update !== undefined) this.#submitEdit(update, SELF, deps.clock.now());
        this.#changed(ends);
      },
      onStopped: (error) => this.#stop(error),
    });
    const { clock, config, logger, metrics } = deps;
    this.#notices = new DocumentNotices({
      id,
      life: this.life,
      news: () => this.news,
      clock,
      logger,
      metrics,
    });
    this.pending = new DocumentPending(id, deps, {
      life: this.life,
      news: () => this.news,
      newsIfAny: () => this.#news,
      ask: (command, onReply) => this.#ask(command, onReply),
    });
    const roomId = roomOf(id.team, id.doc);
    const warmUp = new WarmUpTimer(this.life, clock);
    this.room = new Room(this.life, {
      address: { crdt: CrdtType.Loro, roomId },
      now: clock.now,
      random: deps.random,
      limits: { perFrame: config.update.perFrame, queueBytes: config.queueBytes },
      onChanged: (ends) => this.#changed(ends),
      onCold: () => warmUp.soon(),
      onHealed: (update) => {
        metrics.refused('schema_version');
        this.#submitEdit(update, SELF, clock.now());
      },
      onConcurrent: () => this.#notices.lookSoon(),
      onSpoilt: (user) => {
        this.#hooks.onFault(user, 'reload');
        this.life.reopen();
      },
      isCooling: hooks.isCooling,
      onBroken: ({ peer, identity, updates, error }) => {
        this.#harmed({ user: identity.user, updates, error });
        this.#hooks.onHarmful(peer);
      },
      observe: metrics,
    });
    this.life.wake();
  }

  /** Made when somebody comes or there is something to tell. */
  get news(): NewsRoom {
    const { clock, metrics } = this.#deps;
    this.#news ??= new NewsRoom({
      address: { crdt: CrdtType.LoroEphemeralStorePersisted, roomId: roomOf(this.#id.team, this.#id.doc) },
      now: clock.now,
      applied: undefined,
      pending: () => this.pending.counts,
      onRefused: metrics.refused,
      onDismissed: (user, id) => this.#notices.dismissed(user, id),
    });
    return this.#news;
  }

  /** Made when somebody comes: most who only read or write by program never do. */
  get presence(): PresenceRoom {
    const { clock, config, metrics } = this.#deps;
    this.#presence ??= new PresenceRoom({
      address: { crdt: CrdtType.LoroEphemeralStore, roomId: roomOf(this.#id.team, this.#id.doc) },
      clock,
      limits: config.presence,
      onRefused: metrics.refused,
    });
    return this.#presence;
  }

  /** In memory, and nothing was changed since it was opened, which would cost little again. */
  get isUnwritten(): boolean {
    return this.#isUnwritten && this.life.isAwake;
  }

  /** What was read is durable when this resolves: no answer names a version that a crash could take back. */
  async query<N extends QueryName>(
    query: Extract<Query, { name: N }>,
  ): Promise<{ value: QueryValue<N>; version: DocVersion }> {
    const { value, version } = await this.#ask<'query'>({ kind: 'query', input: query });
    // Each query is answered with its own value.
    return { value: value as QueryValue<N>, version };
  }

  /** Resolves when it is durable. */
  async edit(request: EditRequest, actor: Actor): Promise<EditReply> {
    const planned = planEdit(request);
    if (planned.kind === 'refused') return planned;
    const refusal = this.life.refusal();
    if (refusal !== undefined) return REFUSED_EDITS[refusal];
    const atMs = this.#deps.clock.now();
    const { reply } = await this.#ask<'edit'>(
      { kind: 'edit', input: { steps: planned.steps, actor, atMs } },
      ({ updates, ends }) => {
        for (const update of updates) this.#submitEdit(update, actor, atMs);
        this.#changed(ends);
      },
    );
    return reply;
  }

  /** False when the document does not arrive at `version` in time. */
  async hasVersion(version: Version, timeoutMs: number): Promise<boolean> {
    await this.query({ name: 'version', input: undefined });
    if (this.#waiters.includes(version)) return true;
    const arrived = await this.#waiters.wait(version, timeoutMs);
    // It may be among what waits for the document to be opened anew.
    if (!arrived && !this.life.isAwake) throw new DocumentStopped();
    return arrived;
  }

  /** Takes work in that is from before the history that is kept. Resolves when it is durable. */
  rescue(update: Uint8Array, user: string): Promise<Rescued> {
    this.#rescuer ??= this.#newRescuer();
    return this.#rescuer.rescue(update, user);
  }

  /** Out of memory for good, what was submitted stored. */
  async unload(): Promise<void> {
    await this.life.end();
    await this.pending.restNow();
    this.#close();
  }

  #newRescuer(): Rescuer {
    return new Rescuer(
      {
        ask: (command, onReply) => this.#ask(command, onReply),
        refusal: () => this.life.refusal(),
        isCooling: this.#hooks.isCooling,
        rescue: async (update, user, fresh) => {
          const outcome = await this.life.keeper.rescue(update, user, fresh);
          this.#deps.metrics.rescued(outcome.kind);
          return outcome;
        },
        submit: (record, settled) => this.life.submit(record, settled),
        announce: (update) => this.room.announce(update),
        onNotice: (notice) => this.#notices.notify(notice),
        onConcurrent: () => this.#notices.lookSoon(),
        onHealed: (update) => this.#submitEdit(update, SELF, this.#deps.clock.now()),
        onChanged: (ends) => this.#changed(ends),
        onSpoilt: () => this.life.reopen(),
        onHarmful: ({ update, user, error }) => this.#harmed({ user, updates: [update], error }),
      },
      this.#deps,
    );
  }

  #ask<K extends CommandKind>(
    command: CommandOf<K>,
    onReply: (reply: Reply<K>) => void = () => {},
  ): Promise<Reply<K>> {
    return new Promise((resolve, reject) =>
      this.life.perform<K>(
        command,
        (reply) => {
          onReply(reply);
          this.life.whenDurable((stored) => (stored ? resolve(reply) : reject(new DocumentStopped())));
        },
        reject,
      ),
    );
  }

  #awake(opened: Reply<'open'>, isNew: boolean): void {
    const { applied, isConcurrent, isCold, isTouched, notices, update, counters } = opened;
    this.#waiters.opened(counters);
    this.#isUnwritten = !isCold;
    const receivedAtMs = this.#deps.clock.now();
    if (isNew) {
      this.wasNew = true;
      this.life.submit({ kind: 'created', actor: this.#creator, receivedAtMs });
    }
    if (update !== undefined) this.#submitEdit(update, SELF, receivedAtMs);
    // While it slept another process may have been its owner.
    if (applied !== undefined && isNewer(applied, this.#news?.applied)) this.news.announce(applied);
    this.#notices.restore(notices);
    if (isConcurrent) this.#notices.lookSoon();
    if (isTouched) this.pending.lookSoon();
    this.room.woke(isCold);
    this.#hooks.onAwake();
  }

  #submitEdit(update: Uint8Array, actor: Actor, receivedAtMs: number): void {
    this.life.submit({ kind: 'update', actor, receivedAtMs, update }, (stored) => {
      if (stored) this.room.announce(update);
    });
  }

  #changed(ends: Iterable<readonly [`${number}`, number]>): void {
    this.#isUnwritten = false;
    this.pending.lookSoon();
    this.#waiters.changed(ends);
  }

  #harmed(harmful: Harmful): void {
    this.#hooks.onFault(harmful.user, 'harmful');
    void quarantine(this.#id, harmful, this.#deps);
  }

  #stop(error: unknown): void {
    this.#deps.logger.error('document_stopped', { ...this.#id, ...errorFields(error) });
    this.#close();
    this.#hooks.onStopped(error);
  }

  #close(): void {
    this.#waiters.close(new DocumentStopped());
    this.#notices.close();
    this.pending.close();
    this.#presence?.close();
    this.#news?.close();
  }
}
