// A document's life in memory: asleep, waking, awake, going to sleep, stopped. Commands are performed in order whatever happens
// meanwhile: what was not answered is asked again after the document was opened anew, because its worker was lost, Loro failed
// in it, or it slept. When the log fails, or the document cannot be opened, it stops for good.
import { present } from '@hakiri/base/assert';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { CommandQueue, type Entry } from './command-queue.ts';
import type { Settled } from './commit-group.ts';
import { CommandHarmful, DocumentBusy, DocumentStopped } from './document-errors.ts';
import type { AnyReply } from './host/host.ts';
import type { CommandKind, CommandOf, Reply } from './host/protocol.ts';
import { askHost, type Guest, type Hosting, openIn } from './host-pool.ts';
import type { Outcome } from './host-worker.ts';
import { IdleWatch } from './idle-watch.ts';
import type { LifeDeps, LifeHooks } from './life-hooks.ts';
import { type Awake, OPEN_ATTEMPTS, persistedIn, QUEUE_LIMIT, refusalIn, type State } from './life-state.ts';
import { LogHead } from './log-head.ts';
import { LogKeeper } from './log-keeper.ts';
import { OwedMove } from './owed-move.ts';
import { type AdmissionRefusal, type MadeBase, PersistedDocument } from './persisted-document.ts';
import type { LogRecord } from './record.ts';
import { Signal } from './signal.ts';

export class DocumentLife {
  readonly #id: DocumentId;
  readonly #deps: LifeDeps;
  readonly #hooks: LifeHooks;
  #state: State = { kind: 'asleep' };
  readonly #queue = new CommandQueue();
  readonly #idle: IdleWatch;
  /** For work on the document as its log has it. */
  readonly keeper: LogKeeper;
  /** Changes when it is woken. */
  #nap = Symbol('nap');
  #isSleepOwed = false;
  readonly #move: OwedMove;
  #isEnding = false;
  /** The state is another, or the last command was answered. */
  readonly #changed = new Signal();

  constructor(id: DocumentId, deps: LifeDeps, hooks: LifeHooks) {
    this.#id = id;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#idle = new IdleWatch(deps.clock, deps.config.sleepMs);
    this.keeper = new LogKeeper(id, deps, hooks);
    this.#move = new OwedMove(id, deps, () => this.reopen());
  }

  get isAwake(): boolean {
    return this.#state.kind === 'awake';
  }

  /** Nothing of it is in memory, or will be before somebody asks for something. */
  get isResting(): boolean {
    return this.#queue.size === 0 && !['awake', 'waking'].includes(this.#state.kind);
  }

  /** Bytes of updates that wait for the host, and of entries that are not durable yet. */
  get backlogBytes(): number {
    return this.#queue.updateBytes + (persistedIn(this.#state)?.commits.backlogBytes ?? 0);
  }

  /** Of two that are awake, the one used longer ago goes to sleep first. */
  get usedAtMs(): number {
    return this.#idle.usedAtMs;
  }

  /** Undefined when it takes a change now, as far as is known. */
  refusal(): AdmissionRefusal | undefined {
    return refusalIn(this.#state, this.#queue.updateBytes, this.#deps.config.backlogBytes);
  }
  /** Wakes it. `done` in the order of the commands, but that the log may answer joins earlier; `fail`: no answer comes. */
  perform<K extends CommandKind>(
    command: CommandOf<K>,
    done: (reply: Reply<K>) => void,
    fail: (error: Error) => void,
  ): void {
    if (this.#isStopped() || (this.#isEnding && command.kind !== 'look')) fail(new DocumentStopped());
    else if (this.#queue.size >= QUEUE_LIMIT) fail(new DocumentBusy());
    else {
      // The host answers each kind of command with its own reply.
      const entry: Entry = { command, done: (reply) => done(reply as Reply<K>), fail };
      this.#queue.add(entry);
      this.#idle.used();
      if (this.#state.kind === 'awake') this.#send(this.#state.hosting, entry);
      else if (this.#state.kind === 'waking') this.#queue.answerBy(this.#state.read?.head, [entry]);
      else this.wake();
    }
  }

  /** Only in answer to a command, or while it is awake for another reason. */
  submit(record: LogRecord, settled: Settled = () => {}): void {
    present(persistedIn(this.#state), 'only what is awake is written to').submit(record, settled);
  }

  /** False when that was not stored, or the document is not in memory: what was not answered then is asked again. */
  whenDurable(settled: Settled): void {
    const persisted = persistedIn(this.#state);
    if (persisted === undefined) settled(false);
    else persisted.commits.whenDurable(settled);
  }

  wake(): void {
    if (this.#state.kind !== 'asleep') return;
    this.#state = { kind: 'waking', read: undefined };
    this.#nap = Symbol('nap');
    void this.#open(OPEN_ATTEMPTS);
  }

  /** What is in the host is not what was logged: opens it again, and asks again what was not answered. */
  reopen(): void {
    if (this.#state.kind !== 'awake') return;
    this.#state.hosting.close();
    void this.#openAfter(this.#state.persisted);
  }

  /** As soon as nothing waits for an answer. Resolves when everything is stored and it is out of memory, or used again. */
  async sleep(): Promise<void> {
    while (this.#state.kind === 'waking' || (this.#state.kind === 'awake' && this.#queue.size > 0))
      await this.#changed.next();
    if (this.#state.kind === 'retiring') return this.#state.retired;
    if (this.#state.kind !== 'awake') return;
    const { persisted } = this.#state;
    const retired = this.#retire(this.#state);
    this.#become({ kind: 'retiring', persisted, retired });
    return retired;
  }

  /** A revision was recorded: a document that never sleeps by itself has to when its history is overdue. */
  revisionRecorded(): void {
    if (this.#state.kind !== 'awake') return;
    this.#isSleepOwed = this.keeper.due(this.#state.persisted.bytes) === 'overdue';
    if (this.#isSleepOwed) void this.sleep();
  }

  /** Takes nothing any more; resolves when what was asked before is answered and stored, and it is out of memory. */
  async end(): Promise<void> {
    this.#isEnding = true;
    while (this.#state.kind !== 'stopped') {
      if (this.#queue.size === 0 && this.#state.kind === 'asleep') this.#become({ kind: 'stopped' });
      else if (this.#queue.size === 0 && this.#state.kind !== 'waking') await this.sleep();
      else await this.#changed.next();
    }
  }

  async #open(attempts: number): Promise<void> {
    const { log, metrics, clock, pool } = this.#deps;
    const begunMs = clock.now();
    try {
      const loaded = { ...(await pool.expecting(log.open(this.#id))), holders: this.#hooks.holders() };
      if (this.#isStopped()) return;
      const persisted = new PersistedDocument(loaded, {
        ...this.#deps,
        id: this.#id,
        onFailure: (error) => this.#stop(error),
        onBaseFailed: (error) => this.keeper.baseFailed(error),
        onStored: metrics.stored,
        onGrown: () => void persisted.compact(() => this.#makeBase(persisted)),
      });
      const head = new LogHead(loaded);
      this.#state = { kind: 'waking', read: { persisted, head } };
      this.#hooks.onSnapshot(head.snapshot);
      this.#queue.answerBy(head);
      const isNew = loaded.position === 0; // a callback that reads `loaded` would keep all of it
      const needs = { bytes: persisted.bytes, isSlow: this.#move.begun() };
      const guest = this.#guest(() => hosting, persisted, attempts);
      const hosting = openIn(pool, guest, needs, loaded, (answer) => {
        if (this.#state.kind !== 'waking') return hosting.close();
        if (answer.kind === 'lost') return;
        metrics.loaded(clock.now() - begunMs);
        if (answer.kind === 'done')
          return this.#awake({ kind: 'awake', persisted, hosting }, answer.reply, isNew);
        hosting.close();
        this.#stop(new Error(`the document cannot be opened: ${answer.error}`));
      });
    } catch (error) {
      this.#stop(error);
    }
  }

  #guest(hosting: () => Hosting, persisted: PersistedDocument, attempts: number): Guest {
    return {
      id: this.#id,
      onLost: (error, order) => {
        if (this.#state.kind === 'waking') {
          const mayTry = attempts > 1 && !this.#deps.pool.suspects.isRefused(this.#id);
          if (mayTry) void this.#openAfter(persisted, attempts - 1);
          else this.#stop(new Error(`its worker was lost again and again: ${error}`));
        } else if (this.#state.kind === 'awake' && this.#state.hosting === hosting()) {
          const culprit = this.#queue.takeOf(order);
          void this.#openAfter(this.#state.persisted);
          culprit?.fail(new CommandHarmful(error));
        }
      },
      onMove: (reason) => this.#move.owe(reason, this.#isQuiet()),
    };
  }

  #awake(state: Awake, reply: AnyReply, isNew: boolean): void {
    this.#become(state);
    // An `open` is answered with its own reply.
    const opened = reply as Reply<'open'>;
    this.keeper.opened(opened);
    this.#hooks.onAwake(opened, isNew);
    for (const entry of this.#queue.all()) this.#send(state.hosting, entry);
    this.#watchIdle();
    this.#move.look(this.#isQuiet());
  }

  #send(hosting: Hosting, entry: Entry): void {
    this.#queue.send(entry, hosting, (answer) => {
      // Of a host that the document has left: it is asked again.
      if (this.#state.kind !== 'awake' || this.#state.hosting !== hosting) return;
      if (answer.kind === 'unclear') this.reopen();
      else this.#take(entry, answer);
    });
  }

  #take(entry: Entry, answer: Outcome): void {
    this.#queue.remove(entry);
    if (answer.kind === 'done') entry.done(answer.reply);
    else if (answer.kind !== 'lost') {
      const { error } = answer;
      this.#deps.logger.error('document_failed', { ...this.#id, command: entry.command.kind, error });
      this.reopen();
      entry.fail(new CommandHarmful(error));
    }
    this.#move.look(this.#isQuiet());
    if (this.#queue.size > 0) return;
    this.#changed.tell();
    if (this.#isSleepOwed) void this.sleep();
  }

  /** What was submitted is stored first: it was told to others. */
  async #openAfter(persisted: PersistedDocument, attempts = OPEN_ATTEMPTS): Promise<void> {
    this.#become({ kind: 'waking', read: undefined });
    this.#hooks.onSnapshot(undefined);
    await persisted.commits.drained();
    if (!this.#isStopped()) await this.#open(attempts);
  }

  async #retire({ persisted, hosting }: Awake): Promise<void> {
    this.#isSleepOwed = false;
    const { commits, epoch } = persisted;
    // What came last was not looked at yet, and what a base replaces never is.
    const isLooked = await this.#hooks.lookIn(hosting);
    await commits.drained(); // a revision on its way to the log counts
    let due = this.keeper.due(persisted.bytes);
    if (due !== 'no') {
      const sealed = await askHost(hosting, 'seal', { atMs: this.#deps.clock.now() });
      if (sealed === undefined || this.#isStopped()) due = 'no';
      else this.#hooks.onSealed(sealed);
    }
    await commits.drained();
    hosting.close();
    if (this.#isStopped()) return;
    if (isLooked && (persisted.isLong || due !== 'no')) {
      const [nap, { position }] = [this.#nap, commits];
      const tidied = this.keeper.tidy({ epoch, position, isOver: () => this.#nap !== nap }, due !== 'no');
      // What comes meanwhile waits: a document that never sleeps for long would never be compacted.
      if (due === 'overdue') await tidied;
    }
    this.keeper.slept(commits.position);
    this.#become({ kind: 'asleep' });
    this.#hooks.onAsleep();
    if (this.#queue.size > 0) this.wake();
  }

  async #makeBase(persisted: PersistedDocument): Promise<MadeBase | undefined> {
    const made = await this.keeper.makeBase(() => persisted.durable());
    // Under an epoch that is over it would be taken for a failure of the log.
    return this.#state.kind === 'awake' && this.#state.persisted === persisted ? made : undefined;
  }

  #watchIdle(): void {
    this.#idle.start(() => (this.#queue.size > 0 ? this.#watchIdle() : void this.sleep()));
  }

  #stop(error: unknown): void {
    if (this.#isStopped()) return;
    if (this.#state.kind === 'awake') this.#state.hosting.close();
    this.#become({ kind: 'stopped' });
    this.#hooks.onStopped(error);
  }

  #isQuiet(): boolean {
    return this.#state.kind === 'awake' && this.#queue.size === 0;
  }

  #isStopped(): boolean {
    return this.#state.kind === 'stopped';
  }

  #become(state: State): void {
    this.#state = state;
    if (state.kind !== 'awake') this.#idle.stop();
    if (state.kind === 'stopped') this.#queue.failAll(new DocumentStopped());
    this.#changed.tell();
  }
}
