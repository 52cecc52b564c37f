// What waits is looked at anew when the team's policy is another, or what somebody who approved it may do: a few requests at a time, so that others' Applies go in between, and
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
  rows: Pick<WaitingRows, 'outdatedTeams' | 'outdatedOf' | 'approvedBy'>;
  clock: Clock;
  logger: Logger;
  /** Until those that nobody answered for are looked at again. */
  againMs: number;
  reconsider(row: RequestRow): Promise<Reconsidered>;
  /** Resolves when it waits again or has ended, or after some time. */
  settled(row: RequestRow): Promise<unknown>;
}) {
  type Under = { again: boolean; users: Set<string> };
  /** With what there is to look at by then: everything that is outdated, and what these people agreed to. */
  const running = new Map<string, Under & { done: Promise<void> }>();
  const later = new Map<string, { timer: Timer; users: Set<string> }>();
  const permits = createPermits(TEAMS_AT_ONCE);
  let stopped = false;

  async function rowsOf(team: string, users: ReadonlySet<string>): Promise<RequestRow[]> {
    const rows = new Map((await deps.rows.outdatedOf(team)).map((row) => [row.id, row]));
    for (const user of users) for (const row of await deps.rows.approvedBy(team, user)) rows.set(row.id, row);
    return [...rows.values()];
  }

  async function look(team: string, users: ReadonlySet<string>): Promise<void> {
    const rows = await rowsOf(team, users);
    for (let start = 0; start < rows.length && !stopped; start += SLICE) {
      const resumed: RequestRow[] = [];
      for (const row of rows.slice(start, start + SLICE)) {
        const outcome = await deps.reconsider(row);
        if (outcome === 'goes_on') resumed.push(row);
        if (outcome === 'unanswered') lookLater(team, users);
      }
      await Promise.all(resumed.map(deps.settled));
    }
  }

  function lookLater(team: string, users: ReadonlySet<string>): void {
    if (stopped) return;
    const known = later.get(team);
    if (known) {
      for (const user of users) known.users.add(user);
      return;
    }
    const timer = deps.clock.after(deps.againMs, () => {
      const due = later.get(team)?.users;
      later.delete(team);
      lookAt(team, due);
    });
    later.set(team, { timer, users: new Set(users) });
  }

  async function run(team: string, state: Under): Promise<void> {
    do {
      const { users } = state;
      state.again = false;
      state.users = new Set();
      try {
        await permits.run(() => look(team, users));
      } catch (error) {
        deps.logger.warn('policy_not_reconsidered', { team, ...errorFields(error) });
        lookLater(team, users);
      }
    } while (state.again && !stopped);
    // At once: who comes now begins anew.
    running.delete(team);
  }

  function lookAt(team: string, users: Iterable<string> = []): void {
    const under = running.get(team);
    if (under) {
      under.again = true;
      for (const user of users) under.users.add(user);
    }
    if (under || stopped) return;
    const state: Under = { again: false, users: new Set(users) };
    const done = run(team, state);
    running.set(team, Object.assign(state, { done }));
  }

  return {
    /** The team's policy. */
    saved: (team: string): void => lookAt(team),
    /** What this one may do is another. */
    memberChanged: (team: string, user: string): void => lookAt(team, [user]),
    /** What a process that stopped left undone. */
    start: async (): Promise<void> => {
      for (const team of await deps.rows.outdatedTeams()) lookAt(team);
    },
    stop: async (): Promise<void> => {
      stopped = true;
      for (const { timer } of later.values()) timer.cancel();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
