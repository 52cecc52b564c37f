// Port: the durable history of a document: a base and the entries appended after it. One writer at a time, fenced by an
// epoch that grows with every open, so a writer that was replaced can never append. Adapters: libsql/, nats/.
// Entries are opaque bytes; sync's record.ts says what is in them.

export type DocumentId = { team: string; doc: string };
export type LogContent = {
  base: Uint8Array | undefined;
  /** Those behind the base. */
  entries: Uint8Array[];
  /** Number of entries ever appended: what the next append must name. */
  position: number;
};
export type LoadedLog = LogContent & { epoch: number };
/** A function is asked once, when the group leaves: what comes until then leaves with it. */
export type LogGroup = readonly Uint8Array[] | (() => readonly Uint8Array[]);

export interface DocumentLog {
  /** Becomes the writer: every epoch before is stale from now on. A document that never was loads empty. */
  open(id: DocumentId): Promise<LoadedLog>;
  /**
   * All entries or none, durable when it resolves; returns the new position.
   * @throws DocumentLogError `stale_epoch` (another writer opened it) | `wrong_position` | `too_large` | `full` (certainly not
   * stored: there is no room) | `unavailable` (may or may not be stored: open again)
   */
  append(id: DocumentId, epoch: number, position: number, group: LogGroup): Promise<number>;
  /**
   * Replaces everything before `position` by `base`.
   * @throws DocumentLogError as append, and `base_failed` (the base could not be written, and the log is as it was)
   */
  compact(id: DocumentId, epoch: number, position: number, base: Uint8Array): Promise<void>;
  /**
   * What is durable now, of a document that somebody may be writing: takes no epoch and disturbs no writer.
   * @throws DocumentLogError `unavailable`, also when it was compacted meanwhile: read again
   */
  read(id: DocumentId): Promise<LogContent>;
  /** That of `read`, whose base and entries may be large, at the cost of one row. @throws DocumentLogError `unavailable` */
  position(id: DocumentId): Promise<number>;
  /** Documents of a team that have a log, in byte order. */
  list(team: string): Promise<string[]>;
}

/** One entry. An append of several must fit into one group of GROUP_LIMIT_BYTES and GROUP_LIMIT_ENTRIES. */
export const ENTRY_LIMIT_BYTES = 512 * 1024;
export const GROUP_LIMIT_BYTES = 768 * 1024;
export const GROUP_LIMIT_ENTRIES = 4096;

export type DocumentLogErrorKind =
  | 'stale_epoch'
  | 'wrong_position'
  | 'unavailable'
  | 'too_large'
  | 'full'
  | 'base_failed';
export class DocumentLogError extends Error {
  override readonly name = 'DocumentLogError';
  readonly kind: DocumentLogErrorKind;
  constructor(kind: DocumentLogErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
