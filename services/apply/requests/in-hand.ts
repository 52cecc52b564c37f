// Requests in hand: one of a team runs at a time, the others wait for their turn by name alone. So a delivery keeps its place among
// those in hand at once only while its request runs: however long one team's requests take, others' are delivered.
import { createPermits } from '@hakiri/base/permits';
import { RETRY_MS, type Verdict } from '@hakiri/substrate/bus';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { TeamQueue } from './team-queue.ts';

type Carry = (team: string, id: string, attempt: number) => Promise<Verdict>;
type InHand = {
  /** Answers `retry` at once for what runs already or has to wait: its turn comes without another delivery. */
  handle: Carry;
  /** What did not begin is delivered again, to whoever is there then. */
  stop(): void;
};

export function createInHand(deps: {
  carry: Carry;
  queue: TeamQueue;
  clock: Clock;
  runningLimit: number;
  /** A process that ends takes its turns along: after this time they are delivered again. */
  againMs: number;
}): InHand {
  const { queue, clock } = deps;
  const later: Verdict = { kind: 'retry', delayMs: deps.againMs };
  const permits = createPermits(deps.runningLimit);
  /** By request; no more than messages that the bus lets wait (PENDING_LIMIT). */
  const held = new Map<string, { isToldAgain: boolean }>();
  const timers = new Set<Timer>();
  let stopped = false;

  const run = (team: string, id: string, attempt: number): Promise<Verdict> =>
    queue.run(team, () => permits.run(() => (stopped ? later : deps.carry(team, id, attempt))));

  function inTurn(team: string, id: string, attempt: number): void {
    run(team, id, attempt)
      .catch((): Verdict => ({ kind: 'retry', delayMs: RETRY_MS }))
      .then((verdict) => {
        if (stopped) return;
        if (verdict.kind === 'retry') inTurnAfter(verdict.delayMs, team, id, attempt + 1);
        else letGo(team, id);
      });
  }

  function inTurnAfter(delayMs: number, team: string, id: string, attempt: number): void {
    const timer = clock.after(delayMs, () => {
      timers.delete(timer);
      inTurn(team, id, attempt);
    });
    timers.add(timer);
  }

  function letGo(team: string, id: string): void {
    const isToldAgain = held.get(id)?.isToldAgain === true;
    held.delete(id);
    if (!isToldAgain || stopped) return;
    held.set(id, { isToldAgain: false });
    inTurn(team, id, 1);
  }

  return {
    handle: async (team, id, deliveries) => {
      const one = held.get(id);
      if (one) {
        // An event of its own, not the same one again: somebody approved what was about to wait.
        one.isToldAgain ||= deliveries === 1;
        return later;
      }
      held.set(id, { isToldAgain: false });
      if (queue.isBusy(team)) {
        inTurn(team, id, deliveries);
        return later;
      }
      try {
        return await run(team, id, deliveries);
      } finally {
        letGo(team, id);
      }
    },
    stop: () => {
      stopped = true;
      for (const timer of timers) timer.cancel();
    },
  };
}
