// A document's place in the log during one life in memory, under one epoch: appended to in groups, and compacted when the
// tail has grown. It knows sizes and positions; what is in the document only the host knows.
import type { DocumentId, DocumentLog, LoadedLog } from '@hakiri/substrate/document-log';
import { CommitGroup, type Settled } from './commit-group.ts';
import type { SyncConfig } from './config.ts';
import { encodeRecord, type LogRecord } from './record.ts';

export type PersistedDocumentOptions = {
  log: DocumentLog;
  id: DocumentId;
  config: SyncConfig;
  /** The log failed: nothing is stored any more. */
  onFailure(error: unknown): void;
  onStored(entries: number): void;
  /** The tail has grown: time for `compact`. Called again only after it. */
  onGrown(): void;
};

/** The document is as large as it may be, or too much of it waits for the disk. */
export type AdmissionRefusal = 'document_full' | 'backlog';

type Sizes = { baseBytes: number; entries: number; entryBytes: number };

/** A shorter tail is not worth a new base when the document leaves memory. */
const RETIRE_COMPACT_ENTRIES = 32;

export class PersistedDocument {
  readonly commits: CommitGroup;
  readonly #options: PersistedDocumentOptions;
  readonly #sizes: Sizes;
  #isCompacting = false;

  constructor({ epoch, base, entries, position }: LoadedLog, options: PersistedDocumentOptions) {
    const { log, id } = options;
    this.#options = options;
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

  /** Worth a new base when the document leaves memory. */
  get isLong(): boolean {
    return this.#sizes.entries >= RETIRE_COMPACT_ENTRIES;
  }

  /** Undefined when it takes a change now, whoever makes it. */
  refusal(): AdmissionRefusal | undefined {
    const { documentBytes, backlogBytes } = this.#options.config;
    if (this.#sizes.baseBytes + this.#sizes.entryBytes > documentBytes) return 'document_full';
    return this.commits.backlogBytes > backlogBytes ? 'backlog' : undefined;
  }

  submit(record: LogRecord, settled: Settled): void {
    this.commits.submit(encodeRecord(record), settled);
  }

  /** False when what was submitted so far could not be stored. */
  durable(): Promise<boolean> {
    return new Promise((resolve) => this.commits.whenDurable(resolve));
  }

  /** Everything that is durable now is in the base that `makeBase` gives; undefined leaves it for the next time. */
  async compact(makeBase: () => Promise<Uint8Array | undefined>): Promise<void> {
    if (this.#isCompacting) return;
    this.#isCompacting = true;
    const { position } = this.commits;
    const before = { ...this.#sizes };
    const base = await makeBase();
    this.#isCompacting = false;
    if (base === undefined) return;
    this.#sizes.baseBytes = base.length;
    this.#sizes.entries -= before.entries;
    this.#sizes.entryBytes -= before.entryBytes;
    this.commits.compact(position, base);
  }

  #stored(count: number, bytes: number): void {
    const { config, onStored, onGrown } = this.#options;
    const sizes = this.#sizes;
    sizes.entries += count;
    sizes.entryBytes += bytes;
    onStored(count);
    if (this.#isCompacting) return;
    // A big document's base is written rarely: its tail may grow to half of it.
    const limitBytes = Math.max(config.compactBytes, sizes.baseBytes / 2);
    if (sizes.entries > config.compactEntries || sizes.entryBytes > limitBytes) onGrown();
  }
}
