// Events as causes of runs: a manifest was applied, a run of another pipeline finished. Each event is decided once for each
// pipeline that waits for it, in the same ledger as the ticks of the clock.

import { newTrace } from '@hakiri/service/trace';
import type { Statement } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { newRun } from './runs.ts';
import type { NewRun, RunRow, RunStore } from './store.ts';
import type { Due, ScheduleStore } from './store-schedules.ts';
import { planEvent, type TickRow, type Trigger } from './tick-plan.ts';

export type Firing = { statements: Statement[]; rows: TickRow[]; started: NewRun[] };

export type FiringDeps = {
  store: RunStore;
  schedules: ScheduleStore;
  random: Random;
  lateAfterMs: number;
};

/** The statements that decide `rows` for one schedule and start the runs they ask for. */
export function fire(
  deps: Pick<FiringDeps, 'store' | 'schedules' | 'random'>,
  due: Due,
  rows: readonly TickRow[],
  origin: { event: string; chain: number; traceparent?: string },
  nowMs: number,
): Firing {
  const firing: Firing = { statements: [], rows: [...rows], started: [] };
  for (const row of rows) {
    const run = row.starts
      ? newRun(due, {
          id: deps.random.ulid(nowMs),
          cause: origin.event === '' ? 'schedule' : 'event',
          chain: origin.chain,
          dueAtMs: row.dueAtMs,
          traceparent: origin.traceparent ?? newTrace(deps.random),
        })
      : undefined;
    firing.statements.push(deps.schedules.decide(due.schedule, row, origin.event, run?.id ?? null, nowMs));
    if (run === undefined) continue;
    firing.statements.push(deps.store.insert(run));
    firing.started.push(run);
  }
  return firing;
}

/** One event for every schedule that waits for it, those that have decided it already left out. */
export async function fireEvent(
  deps: FiringDeps,
  waiting: readonly Due[],
  event: { id: string; traceparent: string } & Trigger,
  nowMs: number,
): Promise<Firing> {
  const all: Firing = { statements: [], rows: [], started: [] };
  const { lateAfterMs } = deps;
  for (const due of waiting) {
    const { team, key } = due.schedule;
    if (await deps.schedules.decided(team, key, event.atMs, event.id)) continue;
    const row = planEvent(event, { nowMs, lateAfterMs, activeRun: due.activeRun ?? undefined });
    const origin = { event: event.id, chain: event.chain, traceparent: event.traceparent };
    const firing = fire(deps, due, [row], origin, nowMs);
    all.statements.push(...firing.statements);
    all.rows.push(...firing.rows);
    all.started.push(...firing.started);
  }
  return all;
}

/** `run` has ended: what that is as an event. Only success starts others; the ledger says so of the rest. */
export function runEnded(run: RunRow): Trigger {
  const ended = `run ${run.id} of ${run.pipeline} ${run.state}`;
  return {
    what: ended.replace('run', 'Run'),
    atMs: run.finishedAtMs ?? run.dueAtMs,
    chain: run.chain + 1,
    unmet: run.state === 'succeeded' ? undefined : `It waits for success, and ${ended}.`,
  };
}
