// A clock that only moves when a test moves it, running each timer at its own moment and in order.
import type { Clock, Timer } from '@hakiri/substrate/clock';

export type SimulatedClock = Clock & {
  /** Moves on by `durationMs`, giving the work each timer started a chance to go on before the next. */
  advance(durationMs: number): Promise<void>;
  /** When the next timer is due; undefined when none is set. */
  nextDue(): number | undefined;
};

type Waiting = { due: number; order: number; run(): void };

export function createSimulatedClock(startMs = Date.UTC(2026, 0, 1)): SimulatedClock {
  const waiting = new Set<Waiting>();
  let now = startMs;
  let order = 0;

  function after(delayMs: number, run: () => void): Timer {
    order += 1;
    const timer = { due: now + Math.max(0, delayMs), order, run };
    waiting.add(timer);
    return { cancel: () => void waiting.delete(timer) };
  }

  function next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const one of waiting)
      if (first === undefined || one.due < first.due || (one.due === first.due && one.order < first.order))
        first = one;
    return first;
  }

  return {
    now: () => now,
    monotonic: () => now,
    after,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          timer.cancel();
          reject(signal?.reason);
        };
        const timer = after(delayMs, () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        });
        signal?.addEventListener('abort', stop, { once: true });
      }),
    advance: async (durationMs) => {
      const target = now + durationMs;
      await settle();
      for (let timer = next(); timer && timer.due <= target; timer = next()) {
        waiting.delete(timer);
        now = timer.due;
        timer.run();
        await settle();
      }
      now = target;
    },
    nextDue: () => next()?.due,
  };
}

/** Promises that are ready run, and what they put on the next turns of the loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
