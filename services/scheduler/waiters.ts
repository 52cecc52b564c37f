// Long polls that wait for a run of their team. A waiter that enters before it looks never misses a wake-up in between.
import { createPlaces } from '@hakiri/base/places';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Clock } from '@hakiri/substrate/clock';

/** Of one process. A node has one of them open at a time. */
const WAITERS_LIMIT = 10_000;
/** Of one token: as many as a team has nodes, should they all share it. */
export const WAITERS_PER_TOKEN_LIMIT = 1_000;

type Waiter = {
  /** Resolves true when something may wait for it since the last look, false when the time is up or the poll has ended. */
  woken(untilMs: number, signal: AbortSignal): Promise<boolean>;
  leave(): void;
};

export type Waiters = ReturnType<typeof createWaiters>;

export function createWaiters(clock: Clock) {
  const waiting = new Map<string, Set<() => void>>();
  const places = createPlaces(WAITERS_PER_TOKEN_LIMIT);
  let size = 0;
  let closed = false;

  return {
    /** @throws ProblemError `unavailable` past WAITERS_LIMIT, `rate_limited` past what one token, `owner`, may have. */
    enter(team: string, owner: string): Waiter {
      if (size >= WAITERS_LIMIT || closed)
        throw new ProblemError(
          'unavailable',
          'No further node can wait here now. Try again in some seconds.',
        );
      const giveBack = places.take(`${team}/${owner}`);
      if (giveBack === undefined)
        throw new ProblemError(
          'rate_limited',
          `${WAITERS_PER_TOKEN_LIMIT} claims of this token wait already. A node needs one at a time.`,
        );
      let news = false;
      let wake = (): void => {};
      const notice = (): void => {
        news = true;
        wake();
      };
      const ofTeam = waiting.get(team) ?? new Set();
      waiting.set(team, ofTeam.add(notice));
      size += 1;
      return {
        woken: (untilMs, signal) =>
          new Promise((resolve) => {
            const end = (): void => {
              timer.cancel();
              signal.removeEventListener('abort', end);
              wake = () => {};
              const outcome = news && !closed && !signal.aborted;
              news = false;
              resolve(outcome);
            };
            wake = end;
            const timer = clock.after(Math.max(0, untilMs - clock.now()), end);
            signal.addEventListener('abort', end, { once: true });
            if (news || closed || signal.aborted || untilMs <= clock.now()) end();
          }),
        leave: () => {
          if (!ofTeam.delete(notice)) return;
          size -= 1;
          giveBack();
          if (ofTeam.size === 0 && waiting.get(team) === ofTeam) waiting.delete(team);
        },
      };
    },

    wake(team: string): void {
      for (const notice of [...(waiting.get(team) ?? [])]) notice();
    },

    /** Ends every long poll, and those to come. */
    close(): void {
      closed = true;
      for (const ofTeam of waiting.values()) for (const notice of [...ofTeam]) notice();
    },
  };
}
