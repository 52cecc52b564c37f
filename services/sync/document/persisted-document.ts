// A document's place in the log during one life in memory, under one epoch: appended to in groups, and compacted when the
// tail has grown. It knows sizes and positions; what is in the document only the host knows.
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentId, DocumentLog, LoadedLog, LogContent } from '@hakiri/substrate/document-log';
import type { SyncConfig } from '../config.ts';
import { CommitGroup, type Settled } from './commit-group.ts';
import { encodeRecord, type LogRecord } from './record.ts';

export type PersistedDocumentOptions = {
  log: DocumentLog;
  id: DocumentId;
  config: SyncConfig;
  clock: Pick<Clock, 'now'>;
  /** The log failed: nothing is stored any more. */
  onFailure(error: unknown): void;
  onStored(entries: number): void;
  /** A base was made and could not be written; the log is as it was. */
  onBaseFailed(error: unknown): void;
  /** The tail has grown: time for `compact`. Called again only after it. */
  onGrown(): void;
};

/** The document is as large as it may be, or too much of it waits for its host or the disk. */
export type AdmissionRefusal = 'document_full' | 'backlog';

/** What the log has and the base that says the same. */
export type MadeBase = { content: LogContent; base: Uint8Array };

type Sizes = { baseBytes: number; entries: number; entryBytes: number };

const NO_PATIENCE = { entries: 0, entryBytes: 0 };
/** Making bases takes at most one part in so many of the time, as it takes a core from those who edit … */
const BASE_SHARE = 10;
/** … until the tail is so many times what it may be at rest: whoever opens the document waits for it to be read. */
const TAIL_FACTOR = 4;
/** A shorter tail is not worth a new base when the document leaves memory. */
const RETIRE_COMPACT_ENTRIES = 32;

export class PersistedDocument {
  readonly commits: CommitGroup;
  readonly epoch: number;
  readonly #options: PersistedDocumentOptions;
  readonly #sizes: Sizes;
  #isCompacting = false;
  /** What the tail had grown to when a base could not be made or written. */
  #patience = NO_PATIENCE;
  /** The last base took so long that the next is not made before. */
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ epoch, base, entries, position }: LoadedLog, options: PersistedDocumentOptions) {
    const { log, id } = options;
    this.#options = options;
    this.epoch = epoch;
    this.#sizes = {
      baseBytes: base?.length ?? 0,
      entries: entries.length,
      entryBytes: entries.reduce((sum, entry) => sum + entry.length, 0),
    };
    this.commits = new CommitGroup({
      log,
      id,
      epoch,
      position,
      onFailure: options.onFailure,
      onStored: (count, bytes) => this.#stored(count, bytes),
    });
  }

  /** Base and entries. */
  get bytes(): number {
    return this.#sizes.baseBytes + this.#sizes.entryBytes;
  }

  /** Worth a new base when the document leaves memory. */
  get isLong(): boolean {
    return this.#sizes.entries >= RETIRE_COMPACT_ENTRIES;
  }

  /** Undefined when it takes a change now, whoever makes it. `waitingBytes`: what has to be stored when the host took it in. */
  refusal(waitingBytes: number): AdmissionRefusal | undefined {
    const { documentBytes, backlogBytes } = this.#options.config;
    if (this.bytes > documentBytes) return 'document_full';
    return waitingBytes + this.commits.backlogBytes > backlogBytes ? 'backlog' : undefined;
  }

  submit(record: LogRecord, settled: Settled): void {
    this.commits.submit(encodeRecord(record), settled);
  }

  /** False when what was submitted so far could not be stored. */
  durable(): Promise<boolean> {
    return new Promise((resolve) => this.commits.whenDurable(resolve));
  }

  /** Replaces what the log has by one base, when `make` gives one; otherwise it is tried again after as many entries more. */
  async compact(make: () => Promise<MadeBase | undefined>): Promise<void> {
    if (this.#isCompacting) return;
    const { clock } = this.#options;
    const begunMs = clock.now();
    this.#isCompacting = true;
    const made = await make();
    const isStored = made !== undefined && (await this.#replace(made));
    this.#isCompacting = false;
    this.#restUntilMs = clock.now() + (clock.now() - begunMs) * BASE_SHARE;
    const { entries, entryBytes } = this.#sizes;
    this.#patience = isStored ? NO_PATIENCE : { entries, entryBytes };
  }

  async #replace({ base, content }: MadeBase): Promise<boolean> {
    const outcome = await this.commits.compact(content.position, base);
    if (outcome.kind === 'refused') this.#options.onBaseFailed(outcome.error);
    if (outcome.kind !== 'stored') return false;
    const sizes = this.#sizes;
    sizes.baseBytes = base.length;
    sizes.entries -= content.entries.length;
    sizes.entryBytes -= content.entries.reduce((sum, entry) => sum + entry.length, 0);
    return true;
  }

  #stored(count: number, bytes: number): void {
    const { clock, onStored, onGrown } = this.#options;
    const sizes = this.#sizes;
    sizes.entries += count;
    sizes.entryBytes += bytes;
    onStored(count);
    if (this.#isCompacting) return;
    if (this.#hasGrown(clock.now() < this.#restUntilMs ? TAIL_FACTOR : 1)) onGrown();
  }

  #hasGrown(factor: number): boolean {
    const { compactEntries, compactBytes } = this.#options.config;
    const { entries, entryBytes, baseBytes } = this.#sizes;
    const patience = this.#patience;
    // A big document's base is written rarely: its tail may grow to half of it.
    const limitBytes = Math.max(compactBytes, baseBytes / 2);
    return (
      entries > patience.entries + factor * compactEntries ||
      entryBytes > patience.entryBytes + factor * limitBytes
    );
  }
}
