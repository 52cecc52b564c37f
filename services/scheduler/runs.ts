// Performs what the state machine decides: reads a run, decides, and commits the change with its checkpoint and its
// announcement in one batch. When another replica was first, it reads and decides again.

import { assert } from '@hakiri/base/assert';
import type { Clock } from '@hakiri/substrate/clock';
import type { Statement } from '@hakiri/substrate/libsql/database';
import type { Announcer, By } from './announce.ts';
import { decideRun, type RunDecision, type RunEvent, type RunLimits } from './run-machine.ts';
import { columnsOf, commit, isConflict, lifeOf, type NewRun, type RunRow, type RunStore } from './store.ts';
import type { Due } from './store-schedules.ts';

export type Settled =
  | { kind: 'done' | 'repeated'; row: RunRow }
  | { kind: 'stale' }
  | { kind: 'conflict'; detail: string }
  | { kind: 'missing' };

/** What has to happen after a commit, told by who composes the service. */
type AfterCommit = {
  /** A run of the team waits. */
  waiting(team: string): void;
  /** Rows for the bus were written. */
  announced(): void;
  /** A lease ends then, unless it is extended. */
  leaseEndsAt(ms: number): void;
  ended(row: RunRow): void;
};

type RunsDeps = {
  store: RunStore;
  announcer: Announcer;
  clock: Clock;
  limits: RunLimits;
  after: AfterCommit;
};

const ATTEMPTS = 5;

export type Runs = ReturnType<typeof createRuns>;

export function createRuns({ store, announcer, clock, limits, after }: RunsDeps) {
  /** `locate` may find another run at each attempt; `extra` commits with the change or not at all. */
  function settle(
    locate: () => Promise<RunRow | undefined>,
    eventOf: (nowMs: number) => RunEvent,
    by: By,
    extra: (row: RunRow, nowMs: number) => Statement[] = () => [],
  ): Promise<Settled> {
    return store.write(async (orm) => {
      for (let attempt = 1; ; attempt += 1) {
        const row = await locate();
        if (row === undefined) return { kind: 'missing' };
        const nowMs = clock.now();
        const decision = decideRun(lifeOf(row), eventOf(nowMs), nowMs, limits);
        if (decision.kind !== 'changed') return answered(decision, row);
        const planned = plan(row, decision, nowMs, by);
        try {
          await commit(orm, [...planned.statements, ...extra(row, nowMs)]);
        } catch (error) {
          if (isConflict(error) && attempt < ATTEMPTS) continue;
          throw error;
        }
        told(planned.row);
        return { kind: 'done', row: planned.row };
      }
    });
  }

  function plan(row: RunRow, decision: Extract<RunDecision, { kind: 'changed' }>, nowMs: number, by: By) {
    const { life } = decision;
    const next: RunRow = { ...row, ...columnsOf(life) };
    if (onlyExtends(row, next)) {
      assert(next.leaseUntilMs !== null, 'only a held run is extended');
      return { row: next, statements: [store.extend(row, next.leaseUntilMs)] };
    }
    const statements = store.change(row, life, nowMs);
    const changed = { ...next, version: row.version + 1 };
    if (changed.finishedAtMs !== null) statements.push(store.announce(announcer.runFinished(changed, by)));
    return { row: changed, statements };
  }

  function told(row: RunRow): void {
    if (row.state === 'waiting') after.waiting(row.team);
    if (row.leaseUntilMs !== null) after.leaseEndsAt(row.leaseUntilMs);
    if (row.finishedAtMs === null) return;
    after.announced();
    after.ended(row);
  }

  return { settle };
}

/** The row of a run that a tick, an event or a person starts for `due`. */
export function newRun(
  due: Pick<Due, 'schedule' | 'team'>,
  rest: Pick<NewRun, 'id' | 'cause' | 'chain' | 'dueAtMs' | 'traceparent'>,
): NewRun {
  const { schedule, team } = due;
  return {
    ...rest,
    team: team.team,
    key: schedule.key,
    pipeline: schedule.pipeline,
    revision: team.revision,
    body: schedule.body,
    variables: team.variables,
    slot: schedule.slot,
  };
}

function answered(decision: Exclude<RunDecision, { kind: 'changed' }>, row: RunRow): Settled {
  return decision.kind === 'unchanged' ? { kind: 'repeated', row } : decision;
}

function onlyExtends(before: RunRow, next: RunRow): boolean {
  return (
    before.state === next.state &&
    before.fence === next.fence &&
    before.steps === next.steps &&
    before.cancelRequested === next.cancelRequested
  );
}
