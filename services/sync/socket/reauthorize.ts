// When access changed, open sockets ask again: the seats of that team alone, each token once, a few sockets at a time, so
// that one sign-out in a big house delays nobody's edits. Changes that come meanwhile make one further pass.
import type { AccessChange } from '@hakiri/service/auth-feed';
import type { Guard } from '@hakiri/service/guard';
import { type Admit, admitOnce } from './admission.ts';

export interface Reauthorizable {
  /** Asks again for its seats in the rooms of `team`, or of every team. */
  reauthorize(ask: Admit, team: string | undefined): Promise<void>;
}

/** Sockets asked before others get their turn. */
export const SOCKETS_PER_TURN = 64;

export function createReauthorizer(deps: {
  guard: Guard;
  connections(): Iterable<Reauthorizable>;
  /** Resolves when whatever else waits had its turn. */
  yieldTurn(): Promise<void>;
}): (change: AccessChange) => void {
  /** Without a team: everybody's. */
  let pending: Set<string | undefined> = new Set();
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (pending.size > 0) {
      const teams = pending.has(undefined) ? [undefined] : [...pending];
      pending = new Set();
      for (const team of teams) await pass(team);
    }
    isRunning = false;
  }

  async function pass(team: string | undefined): Promise<void> {
    // Only for this pass: what was decided before a change says nothing about what is true after it.
    const ask = admitOnce(deps.guard);
    // Whoever comes later is decided by what is known then.
    const connections = [...deps.connections()];
    for (let first = 0; first < connections.length; first += SOCKETS_PER_TURN) {
      if (first > 0) await deps.yieldTurn();
      const turn = connections.slice(first, first + SOCKETS_PER_TURN);
      await Promise.all(turn.map((connection) => connection.reauthorize(ask, team)));
    }
  }

  return ({ team }) => {
    pending.add(team);
    if (!isRunning) void run();
  };
}
