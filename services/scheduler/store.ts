// Runs, their steps, and the nodes that carry them out, as rows. Everything that changes a run is a list of statements, so
// that it commits in one batch with the ledger row, the checkpoint or the announcement that belongs to it.
import { assert, present } from '@hakiri/base/assert';
import type { RunState } from '@hakiri/contracts/scheduler';
import type { OutboxRow } from '@hakiri/service/announce';
import type { Database, Statement } from '@hakiri/substrate/libsql/database';
import { and, asc, count, desc, eq, gt, inArray, isNotNull, lt, lte, min, ne, or, sql } from 'drizzle-orm';
import type { NodeOffer } from './placement.ts';
import type { RunLife } from './run-machine.ts';
import { asked, bodies, changes, logLines, logs, nodes, outbox, runs, schedules, steps } from './schema.ts';

export type RunRow = typeof runs.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
type NodeRow = typeof nodes.$inferSelect;
export type NewRun = Pick<
  RunRow,
  | 'id'
  | 'team'
  | 'key'
  | 'pipeline'
  | 'revision'
  | 'body'
  | 'variables'
  | 'slot'
  | 'cause'
  | 'chain'
  | 'dueAtMs'
  | 'traceparent'
>;
type RunFilter = {
  pipeline?: string | undefined;
  state?: RunState | undefined;
  after?: string | undefined;
};

export type RunStore = ReturnType<typeof createRunStore>;

/** All or none. @throws what the database says; isConflict tells whether another writer was first. */
export async function commit(orm: Database['orm'], statements: readonly Statement[]): Promise<void> {
  const [first, ...rest] = statements;
  if (first !== undefined) await orm.batch([first, ...rest]);
}

/** True when a batch broke a unique index or a check: somebody else wrote meanwhile. */
export function isConflict(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (/SQLITE_CONSTRAINT|constraint failed/i.test(`${'code' in cause ? cause.code : ''} ${cause.message}`))
      return true;
  }
  return false;
}

export function createRunStore(database: Database) {
  const { orm } = database;
  return {
    write: database.write,

    async find(id: string): Promise<RunRow | undefined> {
      return (await orm.select().from(runs).where(eq(runs.id, id)))[0];
    },

    /** The one run of the pipeline that has not ended. */
    async open(team: string, key: string): Promise<RunRow | undefined> {
      const ofPipeline = and(eq(runs.team, team), eq(runs.key, key), sql`${runs.finishedAtMs} is null`);
      return (await orm.select().from(runs).where(ofPipeline))[0];
    },

    /** Newest first. */
    list(team: string, filter: RunFilter, limit: number): Promise<RunRow[]> {
      const { pipeline, state, after } = filter;
      const conditions = [
        eq(runs.team, team),
        ...(pipeline === undefined ? [] : [or(eq(runs.pipeline, pipeline), eq(runs.key, pipeline))]),
        ...(state === undefined ? [] : [eq(runs.state, state)]),
        ...(after === undefined ? [] : [lt(runs.id, after)]),
      ];
      return orm
        .select()
        .from(runs)
        .where(and(...conditions))
        .orderBy(desc(runs.id))
        .limit(limit);
    },

    steps(run: string): Promise<StepRow[]> {
      return orm.select().from(steps).where(eq(steps.run, run)).orderBy(asc(steps.index));
    },

    /** What has waited longest in one of `slots`. */
    async nextWaiting(team: string, slots: readonly string[]): Promise<RunRow | undefined> {
      const waiting = and(
        sql`${runs.state} = 'waiting'`,
        eq(runs.team, team),
        inArray(runs.slot, [...slots]),
      );
      const rows = await orm
        .select()
        .from(runs)
        .where(waiting)
        .orderBy(asc(runs.dueAtMs), asc(runs.id))
        .limit(1);
      return rows[0];
    },

    heldBy(team: string, node: string): Promise<RunRow[]> {
      const held = and(isNotNull(runs.leaseUntilMs), eq(runs.team, team), eq(runs.node, node));
      return orm.select().from(runs).where(held).orderBy(asc(runs.id));
    },

    expired(nowMs: number, limit: number): Promise<RunRow[]> {
      return orm
        .select()
        .from(runs)
        .where(lte(runs.leaseUntilMs, nowMs))
        .orderBy(asc(runs.leaseUntilMs))
        .limit(limit);
    },

    async earliestLeaseMs(): Promise<number | undefined> {
      const rows = await orm
        .select({ at: min(runs.leaseUntilMs) })
        .from(runs)
        .where(isNotNull(runs.leaseUntilMs));
      return rows[0]?.at ?? undefined;
    },

    async body(digest: string): Promise<string> {
      const row = (await orm.select().from(bodies).where(eq(bodies.digest, digest)))[0];
      return present(row, 'a body stays while a run or a schedule names it').body;
    },

    insert(run: NewRun): Statement {
      const life = { state: 'waiting', fence: 0, steps: 0, startedAtMs: null } as const;
      return orm.insert(runs).values({ ...run, version: 0, ...columnsOf(life) });
    },

    /** Fails the batch when somebody else changed the run since `row` was read. */
    change(row: RunRow, life: RunLife, nowMs: number): Statement[] {
      const version = row.version + 1;
      return [
        orm
          .insert(changes)
          .values({ run: row.id, version, state: life.state, fence: life.fence, atMs: nowMs }),
        orm
          .update(runs)
          .set({ ...columnsOf(life), version })
          .where(eq(runs.id, row.id)),
      ];
    },

    /** Not a change of state: nothing is written when there was one since `row` was read. */
    extend(row: RunRow, leaseUntilMs: number): Statement {
      const same = and(
        eq(runs.id, row.id),
        eq(runs.version, row.version),
        lt(runs.leaseUntilMs, leaseUntilMs),
      );
      return orm.update(runs).set({ leaseUntilMs }).where(same);
    },

    insertStep(step: StepRow): Statement {
      return orm.insert(steps).values(step);
    },

    announce(row: OutboxRow): Statement {
      return orm.insert(outbox).values(row);
    },

    sawNode(team: string, offer: NodeOffer, nowMs: number): Statement {
      const seen = { pools: [...offer.pools], labels: [...offer.labels], lastSeenAtMs: nowMs };
      return orm
        .insert(nodes)
        .values({ team, name: offer.node, ...seen })
        .onConflictDoUpdate({ target: [nodes.team, nodes.name], set: seen });
    },

    /** Nodes of the team, that one left out. */
    async otherNodes(team: string, name: string): Promise<number> {
      const others = and(eq(nodes.team, team), ne(nodes.name, name));
      return (await orm.select({ count: count() }).from(nodes).where(others))[0]?.count ?? 0;
    },

    nodes(team: string, after: string, limit: number): Promise<NodeRow[]> {
      const page = and(eq(nodes.team, team), gt(nodes.name, after));
      return orm.select().from(nodes).where(page).orderBy(asc(nodes.name)).limit(limit);
    },

    /** Ids of the runs that each node of the team holds. */
    async held(team: string): Promise<{ id: string; node: string }[]> {
      const held = and(isNotNull(runs.leaseUntilMs), eq(runs.team, team));
      const rows = await orm.select({ id: runs.id, node: runs.node }).from(runs).where(held);
      return rows.map(({ id, node }) => ({ id, node: present(node, 'a held run names its node') }));
    },

    /** Deletes at most `limit` ended runs, with what belongs to them; returns how many there were. */
    async forgetRuns(finishedBeforeMs: number, limit: number): Promise<number> {
      const old = await orm
        .select({ id: runs.id })
        .from(runs)
        .where(lt(runs.finishedAtMs, finishedBeforeMs))
        .limit(limit);
      if (old.length === 0) return 0;
      const ids = old.map(({ id }) => id);
      await orm.batch([
        orm.delete(steps).where(inArray(steps.run, ids)),
        orm.delete(changes).where(inArray(changes.run, ids)),
        // But for what a node said a moment ago, its lines are gone already: store-logs.ts.
        orm.delete(logLines).where(inArray(logLines.run, ids)),
        orm.delete(logs).where(inArray(logs.run, ids)),
        orm.delete(asked).where(inArray(asked.run, ids)),
        orm.delete(runs).where(inArray(runs.id, ids)),
      ]);
      return old.length;
    },

    async forgetNodes(seenBeforeMs: number): Promise<void> {
      await orm.delete(nodes).where(lt(nodes.lastSeenAtMs, seenBeforeMs));
    },

    /** Bodies that no schedule, team or run names any more. */
    async forgetBodies(): Promise<void> {
      await orm.delete(bodies).where(
        sql`${bodies.digest} not in (
          select body from ${schedules} union select variables from teams
          union select body from ${runs} union select variables from ${runs})`,
      );
    },
  };
}

export function lifeOf(row: RunRow): RunLife {
  const { state, fence, steps, startedAtMs } = row;
  switch (state) {
    case 'waiting':
      return { state, fence, steps, startedAtMs };
    case 'claimed':
    case 'running': {
      const { node, owner, leaseUntilMs, cancelRequested } = row;
      assert(node !== null && owner !== null && leaseUntilMs !== null, 'columnsOf writes all of a holder');
      return { state, fence, steps, startedAtMs, holder: { node, owner, leaseUntilMs }, cancelRequested };
    }
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return {
        state,
        fence,
        steps,
        startedAtMs,
        finishedAtMs: present(row.finishedAtMs, 'columnsOf writes when a run ended'),
        error: row.error,
      };
  }
}

type LifeColumns = Omit<RunRow, keyof NewRun | 'version'>;

/** Every column of a life, so that nothing of an earlier state stays behind. The last node of an ended run is kept. */
export function columnsOf(
  life: RunLife,
): Partial<LifeColumns> & Pick<LifeColumns, 'state' | 'fence' | 'steps' | 'cancelRequested'> {
  const { state, fence, steps, startedAtMs } = life;
  const base = { state, fence, steps, startedAtMs };
  if ('holder' in life) {
    const { node, owner, leaseUntilMs } = life.holder;
    return { ...base, node, owner, leaseUntilMs, cancelRequested: life.cancelRequested };
  }
  if ('finishedAtMs' in life)
    return {
      ...base,
      leaseUntilMs: null,
      cancelRequested: false,
      finishedAtMs: life.finishedAtMs,
      error: life.error,
    };
  return { ...base, node: null, owner: null, leaseUntilMs: null, cancelRequested: false };
}
