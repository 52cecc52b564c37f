// Long polls that wait for a run of their team, and how many may.
import { createWaiters as createBounded, type Waiters } from '@hakiri/service/waiters';
import type { Clock } from '@hakiri/substrate/clock';

export type { Waiters };

/** Of one process. A node has one of them open at a time. */
const WAITERS_LIMIT = 10_000;
/** Of one token: as many as a team has nodes, should they all share it. */
export const WAITERS_PER_TOKEN_LIMIT = 1_000;

export function createWaiters(clock: Clock): Waiters {
  return createBounded({
    clock,
    limit: WAITERS_LIMIT,
    ownerLimit: WAITERS_PER_TOKEN_LIMIT,
    advice: {
      full: 'No further node can wait here now. Try again in some seconds.',
      ownerFull: `${WAITERS_PER_TOKEN_LIMIT} claims of this token wait already. A node needs one at a time.`,
    },
  });
}
