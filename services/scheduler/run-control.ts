// The people's side of runs: start one by hand, cancel, retry. Each is in the audit log, what is refused too. Who asks again under
// the key of before gets the run of before.
import { ProblemError } from '@hakiri/contracts/problem';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import type { Announcer, AuditAction, By } from './announce.ts';
import { newRun, type Runs } from './runs.ts';
import { commit, isConflict, type NewRun, type RunRow, type RunStore } from './store.ts';
import type { Asked, AskedStore } from './store-asked.ts';
import type { ScheduleStore } from './store-schedules.ts';

export type RunControl = ReturnType<typeof createRunControl>;

export function createRunControl(deps: {
  store: RunStore;
  asked: AskedStore;
  schedules: ScheduleStore;
  runs: Runs;
  announcer: Announcer;
  clock: Clock;
  random: Random;
  after: { waiting(team: string): void; announced(): void };
}) {
  const { store, asked, schedules, runs, announcer, clock, random, after } = deps;

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

  /** What came of `question` before. @throws ProblemError when its key was used for something else */
  async function before(question: Asked | undefined): Promise<RunRow | undefined> {
    if (question === undefined) return undefined;
    const known = await asked.find(question);
    if (known === undefined) return undefined;
    if (known.what === question.what) return known.run;
    throw new ProblemError(
      'idempotency_mismatch',
      'You used this idempotency key for another run. Use a new key.',
    );
  }

  async function begin(
    run: NewRun,
    by: By,
    action: AuditAction,
    detail: Record<string, unknown>,
    question: Asked | undefined,
  ): Promise<RunRow> {
    const audit = announcer.audit(run.team, by, { action, target: run.id, detail });
    const key = question === undefined ? [] : [asked.insert(question, run.id)];
    try {
      await store.write((orm) => commit(orm, [store.insert(run), ...key, store.announce(audit)]));
    } catch (error) {
      if (!isConflict(error)) throw error;
      // The same question, which arrived twice at once.
      const known = await before(question);
      if (known) return known;
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
    async start(team: string, by: By, pipeline: string, key?: string): Promise<RunRow> {
      const question = questionOf(team, by, key, `run.start ${pipeline}`);
      const known = await before(question);
      if (known) return known;
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
      return begin(run, by, 'run.start', { pipeline: run.pipeline, revision: run.revision }, question);
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
    async retry(row: RunRow, by: By, idempotencyKey?: string): Promise<RunRow> {
      const question = questionOf(row.team, by, idempotencyKey, `run.retry ${row.id}`);
      const known = await before(question);
      if (known) return known;
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
      return begin(run, by, 'run.retry', { pipeline, of: row.id }, question);
    },
  };
}

function questionOf(
  team: string,
  { actor }: By,
  idempotencyKey: string | undefined,
  what: string,
): Asked | undefined {
  return idempotencyKey === undefined ? undefined : { team, author: actor.id, idempotencyKey, what };
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
