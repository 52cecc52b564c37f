// A saved policy holds for what waits already: each waiting request of the team is looked at anew, a few at a time, so that others'
// Applies go in between. Which ones are left is in the database, so that a crash between the two loses nothing.
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { TeamQueue } from '../requests/team-queue.ts';
import type { RequestRow } from '../store/store-rows.ts';
import type { WaitingRows } from '../store/store-waiting.ts';

/** At once: they count among the unfinished requests of their team, which others have to fit into. */
const SLICE = 8;

export type Reconsidering = ReturnType<typeof createReconsidering>;

export function createReconsidering(deps: {
  rows: Pick<WaitingRows, 'outdatedTeams' | 'outdatedOf'>;
  queue: Pick<TeamQueue, 'run'>;
  logger: Logger;
  /** False when it does not wait any more. */
  reconsider(row: RequestRow): Promise<boolean>;
  /** Resolves when it waits again or has ended, or after some time. */
  settled(row: RequestRow): Promise<unknown>;
}) {
  /** With whether the policy was saved once more meanwhile. */
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  let stopped = false;

  async function look(team: string): Promise<void> {
    // Behind what is under way: that may have read the policy of before, and begins to wait only now.
    const rows = await deps.queue.run(team, () => deps.rows.outdatedOf(team));
    for (let start = 0; start < rows.length && !stopped; start += SLICE) {
      const resumed: RequestRow[] = [];
      for (const row of rows.slice(start, start + SLICE)) if (await deps.reconsider(row)) resumed.push(row);
      await Promise.all(resumed.map(deps.settled));
    }
  }

  async function run(team: string, state: { again: boolean }): Promise<void> {
    do {
      state.again = false;
      await look(team);
    } while (state.again && !stopped);
  }

  function saved(team: string): void {
    const under = running.get(team);
    if (under) under.again = true;
    if (under || stopped) return;
    const state = { again: false };
    const done = run(team, state)
      .catch((error) => deps.logger.warn('policy_not_reconsidered', { team, ...errorFields(error) }))
      .finally(() => running.delete(team));
    running.set(team, Object.assign(state, { done }));
  }

  return {
    saved,
    /** What a process that stopped left undone. */
    start: async (): Promise<void> => {
      for (const team of await deps.rows.outdatedTeams()) saved(team);
    },
    stop: async (): Promise<void> => {
      stopped = true;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
