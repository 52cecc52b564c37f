// Why a document does not answer.

/** What passes by itself, or when an operator makes room. */
export type PassingCause = 'unavailable' | 'storage_full';

/** The document stopped, or was unloaded: whoever still wants it asks again. */
export class DocumentStopped extends Error {
  override readonly name: string = 'DocumentStopped';
}

/** What it was asked for needs room in its log, and there is none. */
export class StorageFull extends DocumentStopped {
  override readonly name = 'StorageFull';
}

/** Too much is asked of the document at once. */
export class DocumentBusy extends Error {
  override readonly name = 'DocumentBusy';
}

/** The document, or its worker, failed at this command. */
export class CommandHarmful extends Error {
  override readonly name = 'CommandHarmful';
}
