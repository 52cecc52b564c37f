// The places between two lasting steps of an Apply. Tests stop there; a running service passes through.
export const STEPS = [
  /** The request and its event are committed. */
  'accepted',
  /** The document is read, merged and validated; nothing is written. */
  'prepared',
  /** Number, digest and body are committed as `publishing`. */
  'committed',
  /** The body is in the blob store. */
  'body_stored',
  /** The index names it. */
  'index_replaced',
  /** The revision is `published`, its event and audit record are in the outbox. */
  'finished',
] as const;

/** The places between two lasting steps of a body's move to the cold prefix. */
export const COLD_STEPS = [
  /** The copy is there, and was compared. */
  'copied',
  /** It is no longer beside the index. */
  'deleted',
  /** The row says so. */
  'marked',
] as const;
export type ColdStep = (name: (typeof COLD_STEPS)[number]) => Promise<void> | void;

export type StepName = (typeof STEPS)[number];
/** What it throws ends the work at this place, as a crash would. */
export type Step = (name: StepName) => Promise<void> | void;
