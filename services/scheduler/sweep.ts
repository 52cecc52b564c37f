// Forgets what is older than the retention: ended runs with their logs, the ledger, nodes that are gone. Small batches, so that a sweep
// never holds up the writer for long.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { RunStore } from './store.ts';
import type { LogStore } from './store-logs.ts';
import type { ScheduleStore } from './store-schedules.ts';

const SWEEP_BATCH = 200;
/** Lines of logs: a run has many, and they are short. */
const SWEEP_LINES = 2_000;

type Sweeper = { start(): void; sweep(): Promise<void>; stop(): Promise<void> };

export function createSweeper(deps: {
  store: RunStore;
  schedules: ScheduleStore;
  logs: LogStore;
  clock: Clock;
  logger: Logger;
  retentionMs: number;
  sweepMs: number;
}): Sweeper {
  const { store, schedules, logs, clock, logger, retentionMs, sweepMs } = deps;
  let stopped = false;
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    const beforeMs = clock.now() - retentionMs;
    const exhaust = async (forget: (limit: number) => Promise<number>, limit: number): Promise<void> => {
      while (!stopped && (await store.write(() => forget(limit))) === limit);
    };
    await exhaust((limit) => logs.forgetLines(beforeMs, limit), SWEEP_LINES);
    await exhaust((limit) => store.forgetRuns(beforeMs, limit), SWEEP_BATCH);
    await exhaust((limit) => schedules.forgetLedger(beforeMs, limit), SWEEP_BATCH);
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
