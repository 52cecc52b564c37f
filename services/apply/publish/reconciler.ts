// Finishes what was begun: revisions that a crash or a blob store that was away left in `publishing`, and requests whose
// event was lost. Looks once at the start; runs on a timer only while something is unfinished.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { TeamQueue } from '../requests/team-queue.ts';
import type { Store } from '../store/store.ts';
import type { RevisionRow } from '../store/store-rows.ts';
import type { Publisher } from './publisher.ts';

type Reconciler = {
  /** Announces open requests again and starts to finish revisions. */
  start(): Promise<void>;
  /** Something was left unfinished: look again soon. */
  expect(): void;
  stop(): Promise<void>;
};

export function createReconciler(deps: {
  store: Store;
  publisher: Publisher;
  queue: TeamQueue;
  clock: Clock;
  logger: Logger;
  reconcileMs: number;
}): Reconciler {
  const { store, publisher, queue, clock, logger } = deps;
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  async function finish(found: RevisionRow): Promise<boolean> {
    return queue.run(found.team, async () => {
      // The consumer may have finished it while we waited for our turn.
      const row = await store.newest(found.team);
      if (row?.sequence !== found.sequence || row.state !== 'publishing') return true;
      try {
        await publisher.put(row);
        await publisher.finish(row);
        logger.info('revision_completed', { team: row.team, revision: row.meta.label });
        return true;
      } catch (error) {
        logger.warn('revision_unfinished', {
          team: row.team,
          revision: row.meta.label,
          ...errorFields(error),
        });
        return false;
      }
    });
  }

  async function look(): Promise<void> {
    const finished = await Promise.all((await store.publishing()).map(finish));
    if (finished.includes(false)) expect();
  }

  function expect(): void {
    if (stopped || timer) return;
    timer = clock.after(deps.reconcileMs, () => {
      timer = undefined;
      run();
    });
  }

  function run(): void {
    if (running || stopped) return;
    running = look()
      .catch((error) => {
        logger.error('reconcile_failed', errorFields(error));
        expect();
      })
      .finally(() => {
        running = undefined;
      });
  }

  return {
    start: async () => {
      await store.announceOpen();
      run();
    },
    expect,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
