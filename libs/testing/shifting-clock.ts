// The system's clock, put forward by a test: what waits for hours comes at once, and what takes real time, such as a database,
// takes it still.
import { type Clock, systemClock, type Timer } from '@hakiri/substrate/clock';

export type ShiftingClock = Clock & {
  /** Timers that are due by then run. */
  shiftTo(nowMs: number): void;
};

type Pending = { dueMs: number; run(): void; real: Timer };

/** Starts at `startMs` and goes on from there. */
export function createShiftingClock(startMs: number): ShiftingClock {
  let offsetMs = startMs - systemClock.now();
  const pending = new Set<Pending>();
  const now = (): number => systemClock.now() + offsetMs;

  function arm(timer: Omit<Pending, 'real'>): Pending {
    const armed = { ...timer, real: systemClock.after(timer.dueMs - now(), () => fire(armed)) };
    pending.add(armed);
    return armed;
  }

  function fire(timer: Pending): void {
    timer.real.cancel();
    if (pending.delete(timer)) timer.run();
  }

  return {
    now,
    after: (delayMs, run) => {
      let isCancelled = false;
      arm({
        dueMs: now() + delayMs,
        run: () => {
          if (!isCancelled) run();
        },
      });
      return {
        cancel: () => {
          isCancelled = true;
        },
      };
    },
    sleep: systemClock.sleep,
    shiftTo: (nowMs) => {
      offsetMs = nowMs - systemClock.now();
      for (const timer of [...pending].sort((a, b) => a.dueMs - b.dueMs)) {
        pending.delete(timer);
        timer.real.cancel();
        if (timer.dueMs <= nowMs) timer.run();
        else arm(timer);
      }
    },
  };
}
