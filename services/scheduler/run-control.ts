// The people's side of runs: start one by hand, cancel, retry. Each is in the audit log, what is refused too.
import { ProblemError } from '@hakiri/contracts/problem';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Announcer, AuditAction, By } from './announce.ts';
import { newRun, type Runs } from './runs.ts';
import { commit, isConflict, type NewRun, type RunRow, type RunStore } from './store.ts';
import type { ScheduleStore } from './store-schedules.ts';

export type RunControl = ReturnType<typeof createRunControl>;

export function createRunControl(deps: {
  store: RunStore;
  schedules: ScheduleStore;
  runs: Runs;
  announcer: Announcer;
  clock: Clock;
  random: Random;
  after: { waiting(team: string): void; announced(): void };
}) {
  const { store, schedules, runs, announcer, clock, random, after } = deps;

  /** Writes the refusal to the audit log, then throws it. */
  async function refuse(
    team: string,
    by: By,
    action: AuditAction,
    target: string,
    error: ProblemError,
  ): Promise<never> {
    const row = announcer.audit(team, by, { action, target, refused: error.problem.detail });
    await store.write((orm) => commit(orm, [store.announce(row)]));
    after.announced();
    throw error;
  }

  async function begin(
    run: NewRun,
    by: By,
    action: AuditAction,
    detail: Record<string, unknown>,
  ): Promise<RunRow> {
    const audit = announcer.audit(run.team, by, { action, target: run.id, detail });
    try {
      await store.write((orm) => commit(orm, [store.insert(run), store.announce(audit)]));
    } catch (error) {
      if (!isConflict(error)) throw error;
      const open = await store.open(run.team, run.key);
      return refuse(run.team, by, action, run.pipeline, stillRuns(run.pipeline, open?.id));
    }
    after.waiting(run.team);
    after.announced();
    const row = await store.find(run.id);
    if (row === undefined) throw new ProblemError('gone', `Run ${run.id} was forgotten meanwhile.`);
    return row;
  }

  return {
    async start(team: string, by: By, pipeline: string): Promise<RunRow> {
      const due = await schedules.find(team, pipeline);
      if (due === undefined) return refuse(team, by, 'run.start', pipeline, unknownPipeline(pipeline));
      const nowMs = clock.now();
      const run = newRun(due, {
        id: random.ulid(nowMs),
        cause: 'manual',
        chain: 0,
        dueAtMs: nowMs,
        traceparent: by.traceparent,
      });
      return begin(run, by, 'run.start', { pipeline: run.pipeline, revision: run.revision });
    },

    /** `row` as the caller was allowed to see it. A run that a node holds ends when the node has heard of it. */
    async cancel(row: RunRow, by: By): Promise<RunRow> {
      const { team, id } = row;
      const audit = announcer.audit(team, by, {
        action: 'run.cancel',
        target: id,
        detail: { pipeline: row.pipeline, was: row.state },
      });
      const settled = await runs.settle(
        () => store.find(id),
        () => ({ kind: 'cancel' }),
        by,
        () => [store.announce(audit)],
      );
      switch (settled.kind) {
        case 'done':
          after.announced();
          return settled.row;
        case 'repeated':
          return settled.row;
        case 'conflict':
          return refuse(team, by, 'run.cancel', id, new ProblemError('conflict', settled.detail));
        case 'stale':
        case 'missing':
          throw new ProblemError('not_found', `There is no run ${id}.`);
      }
    },

    /** A new run of the same tick, with the configuration the failed one had. */
    async retry(row: RunRow, by: By): Promise<RunRow> {
      if (row.state !== 'failed' && row.state !== 'cancelled')
        return refuse(row.team, by, 'run.retry', row.id, notRetriable(row));
      const { team, key, pipeline, revision, body, variables, slot, dueAtMs } = row;
      const run: NewRun = {
        ...{ team, key, pipeline, revision, body, variables, slot, dueAtMs },
        id: random.ulid(clock.now()),
        cause: 'retry',
        chain: 0,
        traceparent: by.traceparent,
      };
      return begin(run, by, 'run.retry', { pipeline, of: row.id });
    },
  };
}

function stillRuns(pipeline: string, open: string | undefined): ProblemError {
  const which = open === undefined ? 'Another run' : `Run ${open}`;
  return new ProblemError(
    'conflict',
    `${which} of ${pipeline} has not ended. Wait for it, or cancel it first.`,
  );
}

function unknownPipeline(pipeline: string): ProblemError {
  return new ProblemError(
    'not_found',
    `The manifest in force has no pipeline ${pipeline}. Apply it first, or check the name.`,
  );
}

function notRetriable(row: RunRow): ProblemError {
  const next = row.state === 'succeeded' ? 'Start a new run instead.' : 'Wait for it, or cancel it first.';
  return new ProblemError('conflict', `Run ${row.id} is ${row.state}, not failed or cancelled. ${next}`);
}
