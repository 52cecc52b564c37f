// A document's life in memory: asleep, waking, awake, going to sleep, stopped. Commands are performed in order whatever happens
// meanwhile: what was not answered is asked again after the document was opened anew, because its worker was lost, Loro failed
// in it, or it slept. When the log fails, or the document cannot be opened, it stops for good.
import { present } from '@hakiri/base/assert';
import type { DocumentId, LoadedLog } from '@hakiri/substrate/document-log';
import type { Order } from '../host/host.ts';
import type { CommandKind, CommandOf, Reply } from '../host/protocol.ts';
import { askHost, type Hosting } from '../pool/host-pool.ts';
import type { Outcome } from '../pool/host-worker.ts';
import { IdleWatch } from '../socket/idle-watch.ts';
import { CommandQueue, type Entry } from './command-queue.ts';
import type { Settled } from './commit-group.ts';
import { CommandHarmful, DocumentBusy, DocumentStopped } from './document-errors.ts';
import type { LifeDeps, LifeHooks } from './life-hooks.ts';
import { type Awake, persistedIn, QUEUE_LIMIT, refusalIn, type State } from './life-state.ts';
import { LogKeeper } from './log-keeper.ts';
import { type Opened, Opening } from './opening.ts';
import { OwedMove } from './owed-move.ts';
import { type AdmissionRefusal, type MadeBase, PersistedDocument } from './persisted-document.ts';
import type { LogRecord } from './record.ts';
import { Signal } from './signal.ts';

export class DocumentLife {
  readonly #id: DocumentId;
  readonly #deps: LifeDeps;
  readonly #hooks: LifeHooks;
  #state: State = { kind: 'asleep', nap: new AbortController() };
  readonly #queue = new CommandQueue();
  readonly #idle: IdleWatch;
  /** For work on the document as its log has it. */
  readonly keeper: LogKeeper;
  readonly #move: OwedMove;
  /** In whatever state: it goes on until it is asleep. */
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
      else if (this.#state.kind === 'waking') this.#queue.answerBy(this.#state.opening.head, [entry]);
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
    this.#state.nap.abort();
    this.#open(undefined, false);
  }

  /** What is in the host is not what was logged: opens it again, and asks again what was not answered. */
  reopen(): void {
    if (this.#state.kind !== 'awake') return;
    this.#state.hosting.close();
    this.#open(this.#state.persisted, this.#state.isSleepOwed);
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
    this.#state.isSleepOwed = this.keeper.due(this.#state.persisted.bytes) === 'overdue';
    if (this.#state.isSleepOwed) void this.sleep();
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

  #open(before: PersistedDocument | undefined, isSleepOwed: boolean): void {
    const opening = new Opening(this.#id, this.#deps, {
      holders: () => this.#hooks.holders(),
      persist: (loaded) => this.#persist(loaded),
      isSlow: () => this.#move.begun(),
      onRead: (head) => {
        this.#hooks.onSnapshot(head?.snapshot);
        this.#queue.answerBy(head);
      },
      onOpened: (opened) => this.#opened(opened),
      onFailed: (error) => this.#stop(error),
      onLost: (hosting, error, order) => this.#lost(hosting, error, order),
      onMove: (reason) => this.#move.owe(reason, this.#isQuiet()),
    });
    this.#become({ kind: 'waking', opening, isSleepOwed });
    void opening.run(before);
  }

  #persist(loaded: LoadedLog): PersistedDocument {
    const persisted = new PersistedDocument(loaded, {
      ...this.#deps,
      id: this.#id,
      onFailure: (error) => this.#stop(error),
      onBaseFailed: (error) => this.keeper.baseFailed(error),
      onStored: this.#deps.metrics.stored,
      onGrown: () => void persisted.compact(() => this.#makeBase(persisted)),
    });
    return persisted;
  }

  #opened({ persisted, hosting, reply, isNew }: Opened): void {
    const isSleepOwed = this.#state.kind === 'waking' && this.#state.isSleepOwed;
    this.#become({ kind: 'awake', persisted, hosting, isSleepOwed });
    this.keeper.opened(reply);
    this.#hooks.onAwake(reply, isNew);
    for (const entry of this.#queue.all()) this.#send(hosting, entry);
    this.#watchIdle();
    this.#move.look(this.#isQuiet());
  }

  #lost(hosting: Hosting, error: string, order: Order | undefined): void {
    if (this.#state.kind !== 'awake' || this.#state.hosting !== hosting) return;
    const culprit = this.#queue.takeOf(order);
    this.#open(this.#state.persisted, this.#state.isSleepOwed);
    culprit?.fail(new CommandHarmful(error));
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
    if (this.#state.kind === 'awake' && this.#state.isSleepOwed) void this.sleep();
  }

  async #retire({ persisted, hosting }: Awake): Promise<void> {
    const { commits, epoch } = persisted;
    const nap = new AbortController();
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
      const { position } = commits;
      const tidied = this.keeper.tidy({ epoch, position, isOver: () => nap.signal.aborted }, due !== 'no');
      // What comes meanwhile waits: a document that never sleeps for long would never be compacted.
      if (due === 'overdue') await tidied;
    }
    this.keeper.slept(commits.position);
    this.#become({ kind: 'asleep', nap });
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
    if (this.#state.kind === 'waking') this.#state.opening.cancel();
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
