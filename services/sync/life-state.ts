// The states of a document's life in memory, and its bounds.
import type { Hosting } from './host-pool.ts';
import type { LogHead } from './log-head.ts';
import type { AdmissionRefusal, PersistedDocument } from './persisted-document.ts';

export type Awake = { kind: 'awake'; persisted: PersistedDocument; hosting: Hosting };
/** The log was read, and the host is opening it. */
export type Read = { persisted: PersistedDocument; head: LogHead };
export type State =
  | { kind: 'asleep' }
  | { kind: 'waking'; read: Read | undefined }
  | Awake
  /** Stores what it took, then sleeps. */
  | { kind: 'retiring'; persisted: PersistedDocument; retired: Promise<void> }
  | { kind: 'stopped' };

/** Commands of one document that wait for their answer. */
export const QUEUE_LIMIT = 10_000;
/** Workers that may be lost in a row while the document is opened. */
export const OPEN_ATTEMPTS = 3;

/** Where it is written to, when it is. */
export function persistedIn(state: State): PersistedDocument | undefined {
  if (state.kind === 'waking') return state.read?.persisted;
  return state.kind === 'awake' || state.kind === 'retiring' ? state.persisted : undefined;
}

/** Why it takes no change now. `waitingBytes`: of what the host has not taken in, which is to be stored then. */
export function refusalIn(
  state: State,
  waitingBytes: number,
  backlogBytes: number,
): AdmissionRefusal | undefined {
  const persisted = persistedIn(state);
  if (persisted !== undefined) return persisted.refusal(waitingBytes);
  return waitingBytes > backlogBytes ? 'backlog' : undefined;
}
