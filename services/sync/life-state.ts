// The states of a document's life in memory, and its bounds.
import type { Hosting } from './host-pool.ts';
import type { PersistedDocument } from './persisted-document.ts';

export type Awake = { kind: 'awake'; persisted: PersistedDocument; hosting: Hosting };
export type State =
  | { kind: 'asleep' }
  | { kind: 'waking' }
  | Awake
  /** Stores what it took, then sleeps. */
  | { kind: 'retiring'; persisted: PersistedDocument; retired: Promise<void> }
  | { kind: 'stopped' };

/** Commands of one document that wait for their answer. */
export const QUEUE_LIMIT = 10_000;
/** Workers that may be lost in a row while the document is opened. */
export const OPEN_ATTEMPTS = 3;
