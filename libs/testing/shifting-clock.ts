// The system's clock, put forward by a test: what waits for hours comes at once, and what takes real time, such as a database,
// takes it still.
import { type Clock, systemClock, type Timer } from '@hakiri/substrate/clock';

export type ShiftingClock = Clock & {
  /** Timers that are due by then run. */
  shiftTo(nowMs: number): void;
  /** From now on it goes on with `shiftTo` alone: what is to happen at a moment does not depend on how busy the machine is. */
  stop(): void;
};

type Pending = { dueMs: number; run(): void; real: Timer | undefined };

/** Starts at `startMs` and goes on from there. */
export function createShiftingClock(startMs: number): ShiftingClock {
  let offsetMs = startMs - systemClock.now();
  const pending = new Set<Pending>();
  let stoppedMs: number | undefined;
  const now = (): number => stoppedMs ?? systemClock.now() + offsetMs;

  function arm(timer: Omit<Pending, 'real'>): Pending {
    const goesOn = stoppedMs === undefined;
    const armed: Pending = {
      ...timer,
      real: goesOn ? systemClock.after(timer.dueMs - now(), () => fire(armed)) : undefined,
    };
    pending.add(armed);
    return armed;
  }

  function fire(timer: Pending): void {
    timer.real?.cancel();
    if (pending.delete(timer)) timer.run();
  }

  return {
    now,
    monotonic: now,
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
      if (stoppedMs === undefined) offsetMs = nowMs - systemClock.now();
      else stoppedMs = nowMs;
      for (const timer of [...pending].sort((a, b) => a.dueMs - b.dueMs)) {
        pending.delete(timer);
        timer.real?.cancel();
        if (timer.dueMs <= nowMs) timer.run();
        else arm(timer);
      }
    },
    stop: () => {
      stoppedMs = now();
      for (const timer of [...pending]) {
        pending.delete(timer);
        timer.real?.cancel();
        arm(timer);
      }
    },
  };
}
