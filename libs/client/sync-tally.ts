// Whether what was typed here is safe on the server. Counts what the stock protocol client sends and what is acknowledged
// (acknowledged means durable), so that "saved" is never a guess.
import type { JoinExtra } from '@hakiri/contracts/join';

export type SyncStatus =
  /** Everything typed here is acknowledged. */
  | { kind: 'saved' }
  | { kind: 'saving' }
  /** Not connected, trying again by itself. `unsaved` edits are kept and sent on return. */
  | { kind: 'offline'; unsaved: boolean }
  /** The server will not take what this replica holds, or has shown us the door: connect anew with a fresh document. */
  | { kind: 'refused'; code: string; unsaved: boolean }
  | { kind: 'closed' };

export type Joined = { permission: 'read' | 'write'; extra: JoinExtra | undefined };

export type Tally = ReturnType<typeof createTally>;

export function createTally() {
  const listeners = new Set<(status: SyncStatus) => void>();
  let joined = false;
  let inFlight = 0;
  let unsaved = false;
  let refusal: string | undefined;
  let closed = false;
  let last: SyncStatus = { kind: 'offline', unsaved: false };

  function status(): SyncStatus {
    if (closed) return { kind: 'closed' };
    if (refusal !== undefined) return { kind: 'refused', code: refusal, unsaved };
    if (!joined) return { kind: 'offline', unsaved };
    return unsaved ? { kind: 'saving' } : { kind: 'saved' };
  }

  function tell(): void {
    const next = status();
    if (JSON.stringify(next) === JSON.stringify(last)) return;
    last = next;
    for (const listener of listeners) listener(next);
  }

  function settle(): void {
    if (joined && inFlight === 0) unsaved = false;
    tell();
  }

  return {
    status,
    onStatus(listener: (status: SyncStatus) => void): () => void {
      listeners.add(listener);
      listener(status());
      return () => listeners.delete(listener);
    },
    /** Somebody typed here. */
    edited(): void {
      unsaved = true;
      tell();
    },
    /** A batch went into an open socket. */
    sent(): void {
      inFlight += 1;
      unsaved = true;
      tell();
    },
    acknowledged(): void {
      inFlight = Math.max(0, inFlight - 1);
      settle();
    },
    /** The room is joined and what the server lacked has been sent (and counted). */
    joined(): void {
      joined = true;
      settle();
    },
    /** What was in flight is sent again after the next join, as far as the server lacks it. */
    lost(): void {
      joined = false;
      inFlight = 0;
      tell();
    },
    refused(code: string): void {
      refusal = code;
      tell();
    },
    close(): void {
      closed = true;
      tell();
      listeners.clear();
    },
  };
}
