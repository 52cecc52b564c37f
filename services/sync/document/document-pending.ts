// What of one document is not live yet: revisions take it away, editors are told how much it is, and what people alone read is
// said to be ripe for publishing when nobody edited such a thing for a while. Only timers and words: what was touched the host
// knows.
import { decodeVersion } from '@hakiri/config-doc/version';
import type { Actor } from '@hakiri/contracts/envelope';
import type { DocVersion } from '@hakiri/contracts/names';
import type { PendingNews, RestedData, SettleRequest } from '@hakiri/contracts/pending';
import { errorFields } from '@hakiri/service/logger';
import type { Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import type { CommandKind, CommandOf, Reply } from '../host/protocol.ts';
import { askHost, type Hosting } from '../pool/host-pool.ts';
import type { NewsRoom } from '../room/news-room.ts';
import type { DocumentLife } from './document-life.ts';
import type { LifeDeps } from './life-hooks.ts';
import { type AppliedRecordNote, isNewer, type LogRecord } from './record.ts';

export type PendingHooks = {
  /** Resolves when it is said for good. Absent where nobody publishes. */
  onRested?(id: DocumentId, rested: Omit<RestedData, 'doc'>): Promise<void>;
};

type PendingDeps = Pick<LifeDeps, 'clock' | 'config' | 'logger'> & PendingHooks;
type PendingRooms = {
  life: DocumentLife;
  news(): NewsRoom;
  /** Only when there is one: most documents have none. */
  newsIfAny(): NewsRoom | undefined;
  /** Resolves when what was answered is durable. */
  ask<K extends CommandKind>(command: CommandOf<K>, onReply?: (reply: Reply<K>) => void): Promise<Reply<K>>;
};

/** Something waits to be published. */
type Rested = { sinceMs: number; version: DocVersion; users: string[] };

/** Edits within this time share one look: it costs as much as an edit. */
export const LOOK_AT_TOUCHED_MS = 1_000;
/** Documents share so many moments of that time: what wakes the threads for one serves others, and no edit waits for them all. */
const LOOKS_AT = 64;
/** After a failure, such as of a bus that is away. */
const REST_RETRY_MS = 30_000;

export class DocumentPending {
  readonly #id: DocumentId;
  readonly #deps: PendingDeps;
  readonly #rooms: PendingRooms;
  readonly #phaseMs: number;
  #lookTimer: Timer | undefined;
  #restTimer: Timer | undefined;
  #waiting: Rested | undefined;
  #counts: PendingNews | undefined;
  #isClosed = false;

  constructor(id: DocumentId, deps: PendingDeps, rooms: PendingRooms) {
    this.#id = id;
    this.#deps = deps;
    this.#rooms = rooms;
    this.#phaseMs = (Bun.hash.crc32(`${id.team}/${id.doc}`) % LOOKS_AT) * (LOOK_AT_TOUCHED_MS / LOOKS_AT);
  }

  /** Undefined as long as nobody looked. */
  get counts(): PendingNews | undefined {
    return this.#counts;
  }

  /** Something was written, or what was published changed. */
  lookSoon(): void {
    if (this.#isClosed) return;
    const { clock } = this.#deps;
    const restMs = LOOK_AT_TOUCHED_MS - ((clock.now() + this.#phaseMs) % LOOK_AT_TOUCHED_MS);
    this.#lookTimer ??= clock.after(restMs, () => {
      this.#lookTimer = undefined;
      void this.#look();
    });
  }

  /** Keeps the revision across restarts and tells the editors. A repeat or an older one changes nothing. */
  async recordApplied(noted: AppliedRecordNote, actor: Actor): Promise<void> {
    const { life, news, newsIfAny, ask } = this.#rooms;
    const { scope: _scope, ...note } = noted;
    const isNews = (): boolean => isNewer(note, newsIfAny()?.applied);
    await ask<'applied'>({ kind: 'applied', input: noted }, () => {
      this.lookSoon();
      if (!isNews()) return;
      const receivedAtMs = this.#deps.clock.now();
      const record: LogRecord = { kind: 'applied', actor, receivedAtMs, note: noted };
      life.submit(record, (stored) => {
        if (!stored || !isNews()) return;
        news().announce(note);
        life.revisionRecorded();
      });
    });
  }

  /** What was compared with a revision that is older than the last one known here says nothing any more. */
  async settle({ at, sequence, ...settled }: SettleRequest): Promise<void> {
    const version = decodeVersion(at);
    const { sequence: known = 0 } = this.#rooms.newsIfAny()?.applied ?? {};
    if (version === undefined || sequence < known) return;
    await this.#rooms.ask<'settle'>({ kind: 'settle', input: { at: version, ...settled } }, () =>
      this.lookSoon(),
    );
  }

  /** The document goes to sleep: afterwards a look would wake it. */
  async lookIn(hosting: Hosting): Promise<void> {
    if (this.#lookTimer === undefined) return;
    this.#lookTimer.cancel();
    this.#lookTimer = undefined;
    const found = await askHost(hosting, 'touched', undefined);
    if (found !== undefined && !this.#isClosed) this.#found(found);
  }

  /** The document leaves memory: what waits is said now; what was not looked at yet when it is opened again. */
  async restNow(): Promise<void> {
    const waiting = this.#waiting;
    this.close();
    if (waiting !== undefined) await this.#rest(waiting);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    try {
      await this.#rooms.ask<'touched'>({ kind: 'touched', input: undefined }, (found) => this.#found(found));
    } catch (error) {
      this.#failed('touched_not_looked_at', error);
    }
  }

  #found(found: Reply<'touched'>): void {
    const { newsIfAny } = this.#rooms;
    const { pipelines, variables, cosmetic } = found;
    const before = this.#counts ?? { pipelines: 0, variables: 0 };
    this.#counts = { pipelines, variables };
    if (before.pipelines !== pipelines || before.variables !== variables) newsIfAny()?.tellPending();
    // Nothing of this document was ever published: there is nothing that could be published by itself.
    if (cosmetic === 'none' || newsIfAny()?.applied === undefined) this.#waiting = undefined;
    else this.#wait(found);
  }

  /** Since the last edit of what people alone read, or since the first when they never stop. */
  #wait({ cosmetic, version, users }: Reply<'touched'>): void {
    const { clock, config } = this.#deps;
    const nowMs = clock.now();
    const isNew = this.#waiting === undefined;
    const { sinceMs } = this.#waiting ?? { sinceMs: nowMs };
    this.#waiting = { sinceMs, version, users };
    if (isNew || cosmetic === 'fresh')
      this.#restIn(Math.max(0, Math.min(config.restMs, sinceMs + config.restLimitMs - nowMs)));
  }

  #restIn(delayMs: number): void {
    this.#restTimer?.cancel();
    if (this.#isClosed) return;
    this.#restTimer = this.#deps.clock.after(delayMs, () => {
      this.#restTimer = undefined;
      if (this.#waiting !== undefined) void this.#rest(this.#waiting);
    });
  }

  async #rest(rested: Rested): Promise<void> {
    this.#waiting = undefined;
    try {
      await this.#deps.onRested?.(this.#id, { version: rested.version, users: rested.users });
    } catch (error) {
      this.#failed('rest_not_told', error);
      this.#waiting ??= rested;
      this.#restIn(REST_RETRY_MS);
    }
  }

  #cancel(): void {
    this.#lookTimer?.cancel();
    this.#lookTimer = undefined;
    this.#restTimer?.cancel();
    this.#restTimer = undefined;
  }

  /** One that is stopped is opened again by whoever asks for it, and looked at then. */
  #failed(event: string, error: unknown): void {
    if (!this.#isClosed) this.#deps.logger.warn(event, { ...this.#id, ...errorFields(error) });
  }
}
