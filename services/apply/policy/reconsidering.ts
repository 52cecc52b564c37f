// What waits is looked at anew when the team's policy is another: a few requests at a time, so that others' Applies go in between, and
// while they wait, so that nothing that is in their way just now ends them. Which are left is in the database: a crash loses none.
import { createPermits } from '@hakiri/base/permits';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { RequestRow } from '../store/store-rows.ts';
import type { WaitingRows } from '../store/store-waiting.ts';

/** Going on at once: they count among the unfinished requests of their team, which others have to fit into. */
const SLICE = 8;
/** Of all teams, after a start. */
const TEAMS_AT_ONCE = 8;

/** `unanswered`: nobody knows, as somebody who is needed does not answer. */
export type Reconsidered = 'waits' | 'goes_on' | 'unanswered';
export type Reconsidering = ReturnType<typeof createReconsidering>;

export function createReconsidering(deps: {
  rows: Pick<WaitingRows, 'outdatedTeams' | 'outdatedOf'>;
  clock: Clock;
  logger: Logger;
  /** Until those that nobody answered for are looked at again. */
  againMs: number;
  reconsider(row: RequestRow): Promise<Reconsidered>;
  /** Resolves when it waits again or has ended, or after some time. */
  settled(row: RequestRow): Promise<unknown>;
}) {
  /** With whether there is more to look at by now. */
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  const later = new Map<string, Timer>();
  const permits = createPermits(TEAMS_AT_ONCE);
  let stopped = false;

  async function look(team: string): Promise<void> {
    const rows = await deps.rows.outdatedOf(team);
    for (let start = 0; start < rows.length && !stopped; start += SLICE) {
      const resumed: RequestRow[] = [];
      for (const row of rows.slice(start, start + SLICE)) {
        const outcome = await deps.reconsider(row);
        if (outcome === 'goes_on') resumed.push(row);
        if (outcome === 'unanswered') lookLater(team);
      }
      await Promise.all(resumed.map(deps.settled));
    }
  }

  function lookLater(team: string): void {
    if (stopped || later.has(team)) return;
    const timer = deps.clock.after(deps.againMs, () => {
      later.delete(team);
      saved(team);
    });
    later.set(team, timer);
  }

  async function run(team: string, state: { again: boolean }): Promise<void> {
    do {
      state.again = false;
      await permits.run(() => look(team));
    } while (state.again && !stopped);
  }

  function saved(team: string): void {
    const under = running.get(team);
    if (under) under.again = true;
    if (under || stopped) return;
    const state = { again: false };
    const done = run(team, state)
      .catch((error) => {
        deps.logger.warn('policy_not_reconsidered', { team, ...errorFields(error) });
        lookLater(team);
      })
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
      for (const timer of later.values()) timer.cancel();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
