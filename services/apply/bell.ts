// Wakes those who wait for news about a key: a request's outcome, a team's next revision. It carries no news itself: who is
// woken looks at the database, so news that were lost or came early cost time and never truth.
import type { Clock } from '@hakiri/substrate/clock';

export type Listener = {
  /** True as soon as it rang since the last call (or since `listen`), false after `timeoutMs` without. */
  rung(timeoutMs: number): Promise<boolean>;
  close(): void;
};

export type Bell = {
  listen(key: string): Listener;
  ring(key: string): void;
  ringAll(): void;
  listeners(): number;
};

type Ear = { rang: boolean; wake: (() => void) | undefined };

/** `onListeners` is told how many listen, whenever that changes. */
export function createBell(clock: Clock, onListeners: (count: number) => void = () => {}): Bell {
  const byKey = new Map<string, Set<Ear>>();
  let total = 0;

  function ring(key: string): void {
    for (const ear of byKey.get(key) ?? []) {
      ear.rang = true;
      ear.wake?.();
    }
  }

  return {
    listen: (key) => {
      const ear: Ear = { rang: false, wake: undefined };
      const ears = byKey.get(key) ?? new Set();
      byKey.set(key, ears.add(ear));
      total += 1;
      onListeners(total);
      return {
        rung: (timeoutMs) => hear(ear, clock, timeoutMs),
        close: () => {
          if (!ears.delete(ear)) return;
          total -= 1;
          onListeners(total);
          if (ears.size === 0 && byKey.get(key) === ears) byKey.delete(key);
          ear.wake?.();
        },
      };
    },
    ring,
    ringAll: () => {
      for (const key of [...byKey.keys()]) ring(key);
    },
    listeners: () => total,
  };
}

function hear(ear: Ear, clock: Clock, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      ear.wake = undefined;
      const { rang } = ear;
      ear.rang = false;
      resolve(rang);
    };
    const timer = clock.after(timeoutMs, end);
    ear.wake = end;
    if (ear.rang) end();
  });
}
