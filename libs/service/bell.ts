// Wakes those who wait for news about a key: a request's outcome, a team's next revision, a run to claim. It carries no news
// itself: who is woken looks for them, so news that were lost or came early cost time and never truth.
import type { Clock } from '@hakiri/substrate/clock';
import { nextTurn } from '@hakiri/substrate/next-turn';

/** So many are woken in a turn of the event loop: with thousands waiting, others are served in between. */
const WOKEN_PER_TURN = 250;

export type Listener = {
  /**
   * True as soon as it rang since the last call (or since `listen`); false after `timeoutMs` without, when `signal` aborts,
   * and when it is closed.
   */
  rung(timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): void;
};

export type Bell = {
  /** Who listens before he looks never misses a ring in between. */
  listen(key: string): Listener;
  ring(key: string): void;
  ringAll(): void;
  listeners(): number;
  /** Of those somebody listens for. */
  keys(): string[];
};

type Ear = { rang: boolean; wake: (() => void) | undefined };

/** `onListeners` is told how many listen, whenever that changes. */
export function createBell(clock: Clock, onListeners: (count: number) => void = () => {}): Bell {
  const byKey = new Map<string, Set<Ear>>();
  let total = 0;

  function ring(key: string): void {
    const ears = [...(byKey.get(key) ?? [])];
    // All at once know that it rang; they are woken a turn's worth at a time.
    for (const ear of ears) ear.rang = true;
    wake(ears, 0);
  }

  return {
    listen: (key) => {
      const ear: Ear = { rang: false, wake: undefined };
      const ears = byKey.get(key) ?? new Set();
      byKey.set(key, ears.add(ear));
      total += 1;
      onListeners(total);
      return {
        rung: (timeoutMs, signal) => hear(ear, clock, timeoutMs, signal),
        close: () => {
          if (!ears.delete(ear)) return;
          total -= 1;
          onListeners(total);
          if (ears.size === 0 && byKey.get(key) === ears) byKey.delete(key);
          ear.rang = false;
          ear.wake?.();
        },
      };
    },
    ring,
    ringAll: () => {
      for (const key of [...byKey.keys()]) ring(key);
    },
    listeners: () => total,
    keys: () => [...byKey.keys()],
  };
}

function wake(ears: readonly Ear[], from: number): void {
  const until = from + WOKEN_PER_TURN;
  for (const ear of ears.slice(from, until)) if (ear.rang) ear.wake?.();
  if (until < ears.length) nextTurn(() => wake(ears, until));
}

function hear(ear: Ear, clock: Clock, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      ear.wake = undefined;
      const { rang } = ear;
      ear.rang = false;
      resolve(rang && !signal?.aborted);
    };
    const timer = clock.after(Math.max(0, timeoutMs), end);
    ear.wake = end;
    signal?.addEventListener('abort', end, { once: true });
    if (ear.rang || signal?.aborted || timeoutMs <= 0) end();
  });
}
