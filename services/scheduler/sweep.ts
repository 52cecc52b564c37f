// Forgets what is older than the retention: ended runs, the ledger, nodes that are gone. Small batches, so that a sweep
// never holds up the writer for long.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { RunStore } from './store.ts';
import type { ScheduleStore } from './store-schedules.ts';

const SWEEP_BATCH = 200;

type Sweeper = { start(): void; sweep(): Promise<void>; stop(): Promise<void> };

export function createSweeper(deps: {
  store: RunStore;
  schedules: ScheduleStore;
  clock: Clock;
  logger: Logger;
  retentionMs: number;
  sweepMs: number;
}): Sweeper {
  const { store, schedules, clock, logger, retentionMs, sweepMs } = deps;
  let stopped = false;
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    const beforeMs = clock.now() - retentionMs;
    const exhaust = async (forget: () => Promise<number>): Promise<void> => {
      while (!stopped && (await store.write(forget)) === SWEEP_BATCH);
    };
    await exhaust(() => store.forgetRuns(beforeMs, SWEEP_BATCH));
    await exhaust(() => schedules.forgetLedger(beforeMs, SWEEP_BATCH));
    await store.write(() => store.forgetNodes(beforeMs));
    await store.write(() => store.forgetBodies());
  }

  function later(): void {
    timer = clock.after(sweepMs, () => {
      running = sweep()
        .catch((error) => logger.error('sweep_failed', errorFields(error)))
        .then(() => (stopped ? undefined : later()));
    });
  }

  return {
    start: later,
    sweep,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
