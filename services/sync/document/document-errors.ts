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

/** To whoever wanted to write. */
export const STORAGE_FULL =
  'The server has no room left for edits. Its operator has to make some; what is there can be read.';

/** Too much is asked of the document at once. */
export class DocumentBusy extends Error {
  override readonly name = 'DocumentBusy';
}

/** The document, or its worker, failed at this command. */
export class CommandHarmful extends Error {
  override readonly name = 'CommandHarmful';
}
