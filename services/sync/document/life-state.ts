// The states of a document's life in memory, and its bounds.
import type { Hosting } from '../pool/host-pool.ts';
import type { Opening } from './opening.ts';
import type { AdmissionRefusal, PersistedDocument } from './persisted-document.ts';

/** `isSleepOwed`: as soon as nothing waits for an answer, it sleeps. */
export type Awake = {
  kind: 'awake';
  persisted: PersistedDocument;
  hosting: Hosting;
  isSleepOwed: boolean;
};
export type State =
  /** `nap` is aborted when it is woken. */
  | { kind: 'asleep'; nap: AbortController }
  | { kind: 'waking'; opening: Opening; isSleepOwed: boolean }
  | Awake
  /** Stores what it took, then sleeps. */
  | { kind: 'retiring'; persisted: PersistedDocument; retired: Promise<void> }
  | { kind: 'stopped' };

/** Commands of one document that wait for their answer. */
export const QUEUE_LIMIT = 10_000;

/** Where it is written to, when it is. */
export function persistedIn(state: State): PersistedDocument | undefined {
  if (state.kind === 'waking') return state.opening.persisted;
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
