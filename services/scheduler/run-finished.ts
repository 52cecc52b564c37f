// Follows the ends of runs and fires the pipelines that wait for them.
import { RunFinished } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import { commit, isConflict, type NewRun } from './store.ts';
import type { TickRow } from './tick-plan.ts';
import { type FiringDeps, fireEvent, runEnded } from './triggers.ts';

const FINISHED_PREFIX = 'pipeline.finished:';
const ACK_WAIT_MS = 60_000;

export function followFinishedRuns(
  deps: FiringDeps & {
    messaging: Messaging;
    clock: Clock;
    decided(rows: readonly TickRow[], started: readonly NewRun[]): void;
  },
): Promise<Subscription> {
  const { schedules, store, clock } = deps;

  async function fireAfter(team: string, id: string, key: string, traceparent: string): Promise<void> {
    await store.write(async (orm) => {
      const run = await store.find(id);
      // Forgotten by the retention: too long ago to start anything.
      if (run === undefined) return;
      // A pipeline may have been renamed while it ran: who waits for it knows it by its present name.
      const present = (await schedules.find(team, key))?.schedule.pipeline;
      const names = [...new Set([run.pipeline, present ?? run.pipeline])];
      const waiting = await schedules.waitingFor(
        team,
        names.map((name) => `${FINISHED_PREFIX}${name}`),
      );
      const event = { id, traceparent, ...runEnded(run) };
      const { statements, rows, started } = await fireEvent(deps, waiting, event, clock.now());
      await commit(orm, statements);
      deps.decided(rows, started);
    });
  }

  return deps.messaging.consume(
    RunFinished,
    { durable: 'scheduler-triggers', ackWaitMs: ACK_WAIT_MS, maxInFlight: 1, from: 'beginning' },
    async ({ team, traceparent, data }) => {
      try {
        await fireAfter(team, data.run.id, data.run.key, traceparent);
        return { kind: 'ack' };
      } catch (error) {
        if (!isConflict(error)) throw error;
        return { kind: 'retry', delayMs: 0 };
      }
    },
  );
}
