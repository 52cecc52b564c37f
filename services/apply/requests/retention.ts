// Forgets requests a while after their end: until then their key is answered as before. Runs when the oldest becomes due, a
// bounded number in each transaction; nothing runs while nothing has ended.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { Store } from '../store/store.ts';

/** Forgotten in one transaction. */
const BATCH = 200;
/** Between sweeps, so that those who end one after the other are forgotten together. */
const PAUSE_MS = 60_000;

export type Retention = {
  /** A request has ended. */
  expect(): void;
  start(): void;
  stop(): Promise<void>;
};

export function createRetention(deps: {
  store: Pick<Store, 'forget' | 'oldestEndMs'>;
  clock: Clock;
  logger: Logger;
  requestsKeptMs: number;
}): Retention {
  const { store, clock, logger, requestsKeptMs } = deps;
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function sweep(): Promise<void> {
    while (!stopped && (await store.forget(clock.now() - requestsKeptMs, BATCH)) === BATCH);
    const oldest = await store.oldestEndMs();
    if (oldest !== undefined) arm(oldest + requestsKeptMs - clock.now());
  }

  function arm(delayMs: number): void {
    if (stopped || timer) return;
    timer = clock.after(Math.max(delayMs, PAUSE_MS), () => {
      timer = undefined;
      run();
    });
  }

  function run(): void {
    if (running || stopped) return;
    running = sweep()
      .catch((error) => {
        logger.warn('requests_stay', errorFields(error));
        arm(PAUSE_MS);
      })
      .finally(() => {
        running = undefined;
      });
  }

  return {
    // One that is armed already fires for an older one, and finds when the next is due.
    expect: () => arm(requestsKeptMs),
    start: run,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
