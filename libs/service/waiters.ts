// Long polls and streams that wait for news of their team, bounded: by how many wait in this process, and by how many of them
// are one holder's.
import { createPlaces } from '@hakiri/base/places';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Clock } from '@hakiri/substrate/clock';
import { createBell, type Listener } from './bell.ts';

export type Waiters = {
  /** @throws ProblemError `unavailable` past `limit` and after `close`, `rate_limited` past what one owner may have. */
  enter(team: string, owner: string): Listener;
  wake(team: string): void;
  wakeAll(): void;
  count(): number;
  /** Of those who wait. */
  teams(): string[];
  /** Ends every wait; those to come are refused. What is rung after it is no news. */
  close(): void;
};

export function createWaiters(options: {
  clock: Clock;
  /** Of this process. */
  limit: number;
  ownerLimit: number;
  /** What to do about either. */
  advice: { full: string; ownerFull: string };
  onCount?: (count: number) => void;
}): Waiters {
  const bell = createBell(options.clock, options.onCount);
  const places = createPlaces(options.ownerLimit);
  let closed = false;

  return {
    enter: (team, owner) => {
      if (closed)
        throw new ProblemError('unavailable', 'The service is stopping. Connect again in a second.');
      if (bell.listeners() >= options.limit) throw new ProblemError('unavailable', options.advice.full);
      const giveBack = places.take(`${team}/${owner}`);
      if (giveBack === undefined) throw new ProblemError('rate_limited', options.advice.ownerFull);
      const listener = bell.listen(team);
      return {
        rung: async (timeoutMs, signal) => !closed && (await listener.rung(timeoutMs, signal)) && !closed,
        close: () => {
          giveBack();
          listener.close();
        },
      };
    },
    wake: bell.ring,
    wakeAll: bell.ringAll,
    count: bell.listeners,
    teams: bell.keys,
    close: () => {
      closed = true;
      bell.ringAll();
    },
  };
}
