// A document with its place in the log: loaded from it (the base, then the entries one by one), appended to in groups,
// compacted when the tail has grown. One of these is one life of the document in memory, under one epoch.
import type { DocumentId, DocumentLog } from '@hakiri/substrate/document-log';
import { CommitGroup, type Settled } from './commit-group.ts';
import type { SyncConfig } from './config.ts';
import { Document } from './document.ts';
import {
  type AppliedNote,
  decodeBase,
  decodeRecord,
  encodeBase,
  encodeRecord,
  type LogRecord,
} from './record.ts';

export type PersistedDocumentOptions = {
  log: DocumentLog;
  id: DocumentId;
  config: SyncConfig;
  /** The log failed: nothing is stored any more. */
  onFailure(error: unknown): void;
  onStored(entries: number): void;
};

/** The document is as large as it may be, or too much of it waits for the disk. */
export type AdmissionRefusal = 'document_full' | 'backlog';

type Sizes = { baseBytes: number; entries: number; entryBytes: number };

/** A shorter tail is not worth a new base when the document leaves memory. */
const RETIRE_COMPACT_ENTRIES = 32;

export class PersistedDocument {
  readonly document: Document;
  readonly commits: CommitGroup;
  /** True when nothing was ever written. */
  readonly isNew: boolean;
  /** The last applied revision that the log holds. */
  applied: AppliedNote | undefined;
  readonly #options: PersistedDocumentOptions;
  readonly #sizes: Sizes;
  #isRetired = false;

  /** Becomes the log's writer. @throws DocumentLogError, RecordError, and whatever Loro throws at a damaged log. */
  static async load(options: PersistedDocumentOptions): Promise<PersistedDocument> {
    const { epoch, base, entries, position } = await options.log.open(options.id);
    const { snapshot, applied } = base === undefined ? {} : decodeBase(base);
    const records = entries.map(decodeRecord);
    const updates = records.flatMap((record) => (record.kind === 'update' ? [record.update] : []));
    const notes = records.flatMap((record) => (record.kind === 'applied' ? [record.note] : []));
    const entryBytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    return new PersistedDocument(options, Document.load(snapshot, updates, options.config), {
      applied: notes.at(-1) ?? applied,
      epoch,
      position,
      sizes: { baseBytes: base?.length ?? 0, entries: entries.length, entryBytes },
    });
  }

  private constructor(
    options: PersistedDocumentOptions,
    document: Document,
    loaded: { applied: AppliedNote | undefined; epoch: number; position: number; sizes: Sizes },
  ) {
    const { log, id } = options;
    const { epoch, position } = loaded;
    this.#options = options;
    this.#sizes = loaded.sizes;
    this.document = document;
    this.applied = loaded.applied;
    this.isNew = position === 0;
    this.commits = new CommitGroup({
      log,
      id,
      epoch,
      position,
      onFailure: options.onFailure,
      onStored: (count, bytes) => this.#stored(count, bytes),
    });
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

  /** Stores what was submitted, and a new base when that is worth it. The document is not to be changed any more. */
  async finish(): Promise<void> {
    if (this.#sizes.entries >= RETIRE_COMPACT_ENTRIES) this.#compact();
    await this.commits.drained();
  }

  /** Loro failed in the document: it is read no more, not even for a base. Resolves when what was submitted is stored. */
  async abandon(): Promise<void> {
    this.#isRetired = true;
    await this.commits.drained();
  }

  free(): void {
    this.#isRetired = true;
    this.document.free();
  }

  #stored(count: number, bytes: number): void {
    const { config, onStored } = this.#options;
    const sizes = this.#sizes;
    sizes.entries += count;
    sizes.entryBytes += bytes;
    onStored(count);
    // A big document's base is written rarely: its tail may grow to half of it.
    const limitBytes = Math.max(config.compactBytes, sizes.baseBytes / 2);
    if (sizes.entries > config.compactEntries || sizes.entryBytes > limitBytes) this.#compact();
  }

  #compact(): void {
    this.#sizes.entries = 0;
    this.#sizes.entryBytes = 0;
    if (this.#isRetired) return;
    const base = encodeBase({ snapshot: this.document.snapshot(), applied: this.applied });
    this.#sizes.baseBytes = base.length;
    this.commits.compact(this.commits.position, base);
  }
}
