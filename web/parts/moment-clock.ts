// Who shows how long ago something was hears when that is told in other words: one timer for all of them, each second only while
// one is nearer than a minute, and none while nobody looks.
import type { Sight } from '../live/poll.ts';

export type MomentClock = {
  /** Called when words for the distance of `atMs` from now may be others. Returns how to stop it. */
  subscribe(atMs: number, listener: () => void): () => void;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export function createMomentClock({
  now,
  sight,
  after,
}: {
  now(): number;
  sight(): Sight;
  /** Returns how to stop it. */
  after(ms: number, run: () => void): () => void;
}): MomentClock {
  const shown = new Map<() => void, number>();
  let due: { atMs: number; stop(): void } | undefined;

  function dueBy(atMs: number): void {
    if (sight().hidden || (due && due.atMs <= atMs)) return;
    due?.stop();
    due = { atMs, stop: after(atMs - now(), tick) };
  }

  function plan(): void {
    due?.stop();
    due = undefined;
    const nowMs = now();
    let next: number | undefined;
    for (const atMs of shown.values()) next = Math.min(next ?? Number.POSITIVE_INFINITY, nextMs(atMs, nowMs));
    if (next !== undefined) dueBy(next);
  }

  function tick(): void {
    for (const listener of [...shown.keys()]) listener();
    plan();
  }

  const onSight = (): void => (sight().hidden ? plan() : tick());

  return {
    subscribe(atMs, listener) {
      if (shown.size === 0) sight().addEventListener('visibilitychange', onSight);
      shown.set(listener, atMs);
      dueBy(nextMs(atMs, now()));
      return () => {
        shown.delete(listener);
        if (shown.size > 0) return;
        sight().removeEventListener('visibilitychange', onSight);
        plan();
      };
    },
  };
}

/** When the words for `atMs` may be others. What comes nearer is told by the second once it is nearer than a minute. */
function nextMs(atMs: number, nowMs: number): number {
  if (Math.abs(atMs - nowMs) < MINUTE_MS) return nowMs + SECOND_MS;
  return (
    nowMs + Math.max(SECOND_MS, Math.min(MINUTE_MS, atMs > nowMs ? atMs - nowMs - MINUTE_MS : MINUTE_MS))
  );
}
