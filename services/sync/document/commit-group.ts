// Group commit: the first entry leaves at once, what arrives while it is on its way to the disk goes with the next, so a burst
// costs a few writes. That adapts by itself: the slower the disk, the larger the groups. A wait for company is not for here, as
// one document sees too little of it: the log paces the batches of all documents, and asks for the group when it leaves.
// Order is the order of submission. The first failure is the last word: after it nothing is appended and nothing is
// acknowledged.
import { assert } from '@hakiri/base/assert';
import {
  type DocumentId,
  type DocumentLog,
  DocumentLogError,
  type DocumentLogErrorKind,
  GROUP_LIMIT_BYTES,
  GROUP_LIMIT_ENTRIES,
} from '@hakiri/substrate/document-log';

/** `stored` is false when the log failed: nothing may be acknowledged then. */
export type Settled = (stored: boolean) => void;

/** What became of a base. `refused`: for certain it is not there, and the log is as it was. */
export type Compacted = { kind: 'stored' } | { kind: 'refused'; error: DocumentLogError } | { kind: 'lost' };

export type CommitGroupOptions = {
  log: DocumentLog;
  id: DocumentId;
  epoch: number;
  position: number;
  /** Called once, before the callbacks of what was not stored. */
  onFailure(error: unknown): void;
  /** After every group. */
  onStored?(entries: number, bytes: number): void;
};

/** These say that nothing was written. */
const CERTAIN: readonly DocumentLogErrorKind[] = ['full', 'too_large', 'base_failed'];

type Pending = { entry: Uint8Array; settled: Settled[] };

export class CommitGroup {
  readonly #options: CommitGroupOptions;
  #position: number;
  #queue: Pending[] = [];
  #backlogBytes = 0;
  #inFlight: Pending[] = [];
  /** Compactions wait their turn between two groups. */
  #between: { position: number; base: Uint8Array; settled(outcome: Compacted): void }[] = [];
  #running: Promise<void> | undefined;
  #failure: DocumentLogErrorKind | undefined;

  constructor(options: CommitGroupOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /** Submitted and not durable yet. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Why nothing is stored any more: `full` is for an operator, `stale_epoch` says that somebody else writes. */
  get failure(): DocumentLogErrorKind | undefined {
    return this.#failure;
  }

  /** Entries that are durable. */
  get position(): number {
    return this.#position;
  }

  /** `settled` runs when the entry is durable, or when it will not be. */
  submit(entry: Uint8Array, settled: Settled): void {
    if (this.failed) settled(false);
    else {
      this.#queue.push({ entry, settled: [settled] });
      this.#backlogBytes += entry.length;
      this.#running ??= this.#run();
    }
  }

  /** Runs `settled` when everything submitted so far is durable: at once when nothing waits. */
  whenDurable(settled: Settled): void {
    const last = this.#queue.at(-1) ?? this.#inFlight.at(-1);
    if (this.failed || last === undefined) settled(!this.failed);
    else last.settled.push(settled);
  }

  /** Replaces everything before `position` by `base`, between two groups. */
  compact(position: number, base: Uint8Array): Promise<Compacted> {
    if (this.failed) return Promise.resolve({ kind: 'lost' });
    return new Promise((resolve) => {
      this.#between.push({ position, base, settled: resolve });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is on its way any more, stored or failed. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 || this.#between.length > 0) {
        await (this.#between.length > 0 ? this.#compact() : this.#append());
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** What is certainly not there is no reason to doubt the log: the old base and the entries still say it all. */
  async #compact(): Promise<void> {
    const { log, id, epoch } = this.#options;
    const [next] = this.#between;
    assert(next !== undefined, 'only while a base waits');
    let outcome: Compacted = { kind: 'stored' };
    try {
      await log.compact(id, epoch, next.position, next.base);
    } catch (error) {
      if (!(error instanceof DocumentLogError) || !CERTAIN.includes(error.kind)) throw error;
      outcome = { kind: 'refused', error };
    }
    this.#between.shift();
    next.settled(outcome);
  }

  async #append(): Promise<void> {
    const { log, id, epoch, onStored } = this.#options;
    this.#position = await log.append(id, epoch, this.#position, () => {
      this.#inFlight = this.#takeGroup();
      return this.#inFlight.map(({ entry }) => entry);
    });
    const group = this.#inFlight;
    this.#inFlight = [];
    const bytes = group.reduce((sum, { entry }) => sum + entry.length, 0);
    this.#backlogBytes -= bytes;
    onStored?.(group.length, bytes);
    for (const { settled } of group) for (const tell of settled) tell(true);
  }

  #fail(error: unknown): void {
    const lost = [...this.#inFlight, ...this.#queue];
    // Whatever else it was, nobody knows what is on the disk.
    this.#failure = error instanceof DocumentLogError ? error.kind : 'unavailable';
    this.#queue = [];
    this.#inFlight = [];
    const bases = this.#between;
    this.#between = [];
    this.#options.onFailure(error);
    for (const { settled } of lost) for (const tell of settled) tell(false);
    for (const { settled } of bases) settled({ kind: 'lost' });
  }

  #takeGroup(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { entry } of this.#queue) {
      if (count === GROUP_LIMIT_ENTRIES || (count > 0 && bytes + entry.length > GROUP_LIMIT_BYTES)) break;
      bytes += entry.length;
      count += 1;
    }
    assert(count > 0, 'a group is taken only when something waits');
    return this.#queue.splice(0, count);
  }
}
