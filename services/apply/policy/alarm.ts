// Wakes requests whose time has come. One timer for the first of them, and none while nothing waits; what is due is in the database,
// so a restart loses nothing, and of several processes each has its own timer and one of them wakes the request.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { RequestRow } from '../store/store-rows.ts';
import type { WaitingRows } from '../store/store-waiting.ts';

const BATCH = 100;
/** Timers that are set for longer than some weeks fire at once, so a far one is set again on the way. */
const TIMER_LIMIT_MS = 24 * 3_600_000;

export type Alarm = {
  start(): Promise<void>;
  /** Something waits until then. */
  expect(wakeAtMs: number): void;
  stop(): Promise<void>;
};

export function createAlarm(deps: {
  rows: Pick<WaitingRows, 'due' | 'nextWakeMs'>;
  clock: Clock;
  logger: Logger;
  /** After a failure. */
  againMs: number;
  wake(row: RequestRow): Promise<void>;
}): Alarm {
  const { rows, clock, logger } = deps;
  let timer: Timer | undefined;
  let setFor = Number.POSITIVE_INFINITY;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function look(): Promise<void> {
    for (;;) {
      const due = await rows.due(clock.now(), BATCH);
      for (const row of due) await deps.wake(row);
      if (due.length < BATCH || stopped) break;
    }
    const next = await rows.nextWakeMs();
    if (next !== undefined) set(next);
  }

  function set(wakeAtMs: number): void {
    if (stopped || wakeAtMs >= setFor) return;
    timer?.cancel();
    setFor = wakeAtMs;
    timer = clock.after(Math.min(Math.max(wakeAtMs - clock.now(), 0), TIMER_LIMIT_MS), run);
  }

  function run(): void {
    if (running || stopped) return;
    timer?.cancel();
    timer = undefined;
    setFor = Number.POSITIVE_INFINITY;
    running = look()
      .catch((error) => {
        logger.warn('alarm_failed', errorFields(error));
        set(clock.now() + deps.againMs);
      })
      .finally(() => {
        running = undefined;
        // What was due while we looked is looked at now.
        if (setFor <= clock.now()) run();
      });
  }

  return {
    start: async () => {
      run();
      await running;
    },
    expect: set,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
