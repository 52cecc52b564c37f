// Why a document does not answer.

/** The document stopped, or was unloaded: whoever still wants it asks again. */
export class DocumentStopped extends Error {
  override readonly name = 'DocumentStopped';
}

/** Too much is asked of the document at once. */
export class DocumentBusy extends Error {
  override readonly name = 'DocumentBusy';
}

/** The document, or its worker, failed at this command. */
export class CommandHarmful extends Error {
  override readonly name = 'CommandHarmful';
}
