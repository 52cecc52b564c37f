// One opening of a document: its log is read, then a host opens what was read, in another worker when one is lost; meanwhile the
// log answers who joins. It ends with the document in a host, or with why it cannot be opened.
import type { DocumentId, LoadedLog } from '@hakiri/substrate/document-log';
import type { Order } from '../host/host.ts';
import type { HeldPeer, Reply } from '../host/protocol.ts';
import { type Guest, type Hosting, type MoveReason, openIn } from '../pool/host-pool.ts';
import type { LifeDeps } from './life-hooks.ts';
import { LogHead } from './log-head.ts';
import type { PersistedDocument } from './persisted-document.ts';

export type Opened = { persisted: PersistedDocument; hosting: Hosting; reply: Reply<'open'>; isNew: boolean };

export type OpeningHooks = {
  /** Who writes under which peer id: the host knows it no more. */
  holders(): HeldPeer[];
  persist(loaded: LoadedLog): PersistedDocument;
  /** Whether it is known to be slow, as it is given to a host now. */
  isSlow(): boolean;
  /** The log was read. Undefined: what was read before is over. */
  onRead(head: LogHead | undefined): void;
  onOpened(opened: Opened): void;
  onFailed(error: unknown): void;
  /** The host that it was opened in. */
  onLost(hosting: Hosting, error: string, order: Order | undefined): void;
  onMove(reason: MoveReason): void;
};

/** Workers that may be lost in a row. */
const OPEN_ATTEMPTS = 3;

export class Opening {
  readonly #id: DocumentId;
  readonly #deps: LifeDeps;
  readonly #hooks: OpeningHooks;
  #read: { persisted: PersistedDocument; head: LogHead } | undefined;
  #losses = 0;
  #isOver = false;

  constructor(id: DocumentId, deps: LifeDeps, hooks: OpeningHooks) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
  }

  /** Where it is written to, when the log was read. */
  get persisted(): PersistedDocument | undefined {
    return this.#read?.persisted;
  }

  get head(): LogHead | undefined {
    return this.#read?.head;
  }

  /** `before`: what was submitted there is stored first, as it was told to others. */
  async run(before: PersistedDocument | undefined): Promise<void> {
    this.#read = undefined;
    this.#hooks.onRead(undefined);
    try {
      if (before !== undefined) await before.commits.drained();
      if (this.#isOver) return;
      const begunMs = this.#deps.clock.now();
      const loaded = await this.#deps.pool.expecting(this.#deps.log.open(this.#id));
      if (!this.#isOver) this.#open(loaded, begunMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The document stopped: what comes of it is too late. */
  cancel(): void {
    this.#isOver = true;
    this.#read = undefined;
  }

  #open(loaded: LoadedLog, begunMs: number): void {
    const { metrics, clock, pool } = this.#deps;
    const holders = this.#hooks.holders();
    const persisted = this.#hooks.persist(loaded);
    const head = new LogHead({ ...loaded, holders });
    this.#read = { persisted, head };
    this.#hooks.onRead(head);
    // What is called later and read `loaded` would keep all of it.
    const isNew = loaded.position === 0;
    const needs = { bytes: persisted.bytes, isSlow: this.#hooks.isSlow() };
    const guest = this.#guest(() => hosting, persisted);
    const hosting = openIn(pool, guest, needs, { ...loaded, holders }, (answer) => {
      if (this.#isOver) return hosting.close();
      if (answer.kind === 'lost') return;
      metrics.loaded(clock.now() - begunMs);
      if (answer.kind === 'done') {
        this.cancel();
        // An `open` is answered with its own reply.
        this.#hooks.onOpened({ persisted, hosting, reply: answer.reply as Reply<'open'>, isNew });
      } else {
        hosting.close();
        this.#fail(new Error(`the document cannot be opened: ${answer.error}`));
      }
    });
  }

  #guest(hosting: () => Hosting, persisted: PersistedDocument): Guest {
    return {
      id: this.#id,
      onLost: (error, order) => {
        if (this.#isOver) return this.#hooks.onLost(hosting(), error, order);
        this.#losses += 1;
        const mayTry = this.#losses < OPEN_ATTEMPTS && !this.#deps.pool.suspects.isRefused(this.#id);
        if (mayTry) void this.run(persisted);
        else this.#fail(new Error(`its worker was lost again and again: ${error}`));
      },
      onMove: this.#hooks.onMove,
    };
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.cancel();
    this.#hooks.onFailed(error);
  }
}
