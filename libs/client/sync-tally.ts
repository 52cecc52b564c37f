// Whether what was typed here is safe, in the words that a page shows. One function of what is known, so that no two facts
// about a connection can be shown at odds.
import type { JoinExtra } from '@hakiri/contracts/join';
import { JoinRefused } from './errors.ts';
import type { ReviewPatch } from './review-patch.ts';

/** `unsaved` counts operations (a field set is one, a typed letter is one) that the server has not acknowledged. */
export type SyncStatus =
  /** Everything typed here is acknowledged. */
  | { kind: 'saved' }
  | { kind: 'saving'; unsaved: number }
  /** Not connected, trying again by itself. `kept`: what is unsaved survives the end of this page or process. */
  | { kind: 'offline'; unsaved: number; kept: boolean }
  /** Connected and told what others do; the server takes no edits from here. What is unsaved waits for another role. */
  | { kind: 'read_only'; unsaved: number; kept: boolean }
  /** The server will not take what this replica holds, or has shown us the door. A stored replica stays until `forget()`. */
  | { kind: 'refused'; code: string; unsaved: number; kept: boolean }
  /** This program is too old for the server: load a newer one. */
  | { kind: 'update_required'; unsaved: number; kept: boolean }
  /**
   * What is unsaved builds on edits that somebody else has not brought to the server. It is tried again by itself, as they may
   * come back; `review()` does not wait for them.
   */
  | { kind: 'blocked'; unsaved: number; kept: boolean }
  /** Work that the server could not take as it was, to take or to drop. The document itself is current and goes on. */
  | { kind: 'needs_review'; patch: ReviewPatch; unsaved: number }
  | { kind: 'closed' };

/** Before the first join: what it was the last time, and no extra. */
export type Joined = { permission: 'read' | 'write'; extra: JoinExtra | undefined };

export type ConnectionFacts = {
  closed: boolean;
  joined: boolean;
  permission: 'read' | 'write';
  refusal: string | undefined;
  isBlocked: boolean;
  isOutdated: boolean;
  /** What nobody has looked at yet. */
  review: ReviewPatch;
  /** Of this tab, and of all tabs of the browser. */
  unsaved: { mine: number; all: number };
  kept: boolean;
};

export function statusOf(facts: ConnectionFacts): SyncStatus {
  const { kept } = facts;
  // While it is connected, another tab speaks for itself. Without a connection, all of it waits on this device.
  const unsaved = facts.unsaved.all;
  if (facts.closed) return { kind: 'closed' };
  if (facts.isOutdated) return { kind: 'update_required', unsaved, kept };
  if (facts.refusal !== undefined) return { kind: 'refused', code: facts.refusal, unsaved, kept };
  if (facts.review.length > 0) return { kind: 'needs_review', patch: facts.review, unsaved };
  if (facts.isBlocked && unsaved > 0) return { kind: 'blocked', unsaved, kept };
  if (!facts.joined) return { kind: 'offline', unsaved, kept };
  if (facts.permission === 'read') return { kind: 'read_only', unsaved, kept };
  return facts.unsaved.mine > 0 ? { kind: 'saving', unsaved: facts.unsaved.mine } : { kind: 'saved' };
}

/** @throws JoinRefused when that will not happen by itself. */
export function untilSaved(onStatus: ReturnType<typeof createTally>['onStatus']): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    const settle = (act: () => void): void => {
      act();
      queueMicrotask(() => stop?.());
    };
    stop = onStatus((status) => {
      if (status.kind === 'saved') return settle(resolve);
      if (status.kind === 'read_only' || status.kind === 'needs_review') {
        if (status.unsaved === 0) settle(resolve);
        else if (status.kind === 'read_only') settle(() => reject(new JoinRefused('denied')));
      } else if (status.kind === 'refused') settle(() => reject(new JoinRefused(status.code)));
      else if (status.kind === 'update_required' || status.kind === 'closed')
        settle(() => reject(new JoinRefused(status.kind)));
    });
  });
}

export function createTally() {
  const listeners = new Set<(status: SyncStatus) => void>();
  let facts: ConnectionFacts = {
    closed: false,
    joined: false,
    permission: 'write',
    refusal: undefined,
    isBlocked: false,
    isOutdated: false,
    review: [],
    unsaved: { mine: 0, all: 0 },
    kept: false,
  };
  let last = statusOf(facts);

  return {
    status: (): SyncStatus => last,
    review: (): ReviewPatch => facts.review,
    onStatus(listener: (status: SyncStatus) => void): () => void {
      listeners.add(listener);
      listener(last);
      return () => listeners.delete(listener);
    },
    know(news: Partial<ConnectionFacts>): void {
      facts = { ...facts, ...news };
      const next = statusOf(facts);
      if (JSON.stringify(next) === JSON.stringify(last)) return;
      last = next;
      for (const listener of listeners) listener(next);
      if (facts.closed) listeners.clear();
    },
  };
}
