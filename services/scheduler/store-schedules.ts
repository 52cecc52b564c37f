// Schedules of the revision in force, and the ledger of what became of their ticks, as rows.
import type { Database, Statement } from '@hakiri/substrate/libsql/database';
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  min,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { bodies, ledger, runs, schedules, teams, ticker } from './schema.ts';
import type { OpenRun, TickRow } from './tick-plan.ts';

export type TeamRow = Omit<typeof teams.$inferSelect, 'stale'>;
export type ScheduleRow = typeof schedules.$inferSelect;
export type LedgerRow = typeof ledger.$inferSelect;
/** A schedule with what a decision about it needs. */
export type Due = { schedule: ScheduleRow; team: TeamRow; activeRun: OpenRun | null };
export type Body = { digest: string; body: string };

export type ScheduleStore = ReturnType<typeof createScheduleStore>;

/** Rows of one INSERT: SQLite bounds the variables of a statement. */
const INSERT_ROWS = 500;
const TICKER = 1;
const OPEN_RUN = { id: runs.id, state: runs.state, slot: runs.slot };

export function createScheduleStore(database: Database) {
  const { orm } = database;
  const ofRun = and(eq(runs.team, schedules.team), eq(runs.key, schedules.key), isNull(runs.finishedAtMs));

  function withActiveRun() {
    return orm
      .select({ schedule: schedules, team: teams, activeRun: OPEN_RUN })
      .from(schedules)
      .innerJoin(teams, eq(teams.team, schedules.team))
      .leftJoin(runs, ofRun);
  }

  return {
    async team(team: string): Promise<TeamRow | undefined> {
      return (await orm.select().from(teams).where(eq(teams.team, team)))[0];
    },

    async teams(): Promise<string[]> {
      return (await orm.select({ team: teams.team }).from(teams)).map(({ team }) => team);
    },

    ofTeam(team: string): Promise<ScheduleRow[]> {
      return orm.select().from(schedules).where(eq(schedules.team, team));
    },

    /** What each schedule of the team was adopted from, by its digest. */
    adopted(team: string): Promise<{ key: string; body: string }[]> {
      const columns = { key: schedules.key, body: schedules.body };
      return orm.select(columns).from(schedules).where(eq(schedules.team, team));
    },

    async ofKeys(team: string, keys: readonly string[]): Promise<ScheduleRow[]> {
      const rows: ScheduleRow[] = [];
      for (const some of chunks(keys)) {
        const named = and(eq(schedules.team, team), inArray(schedules.key, some));
        rows.push(...(await orm.select().from(schedules).where(named)));
      }
      return rows;
    },

    /** By name. */
    page(team: string, after: string, limit: number): Promise<ScheduleRow[]> {
      const behind = and(eq(schedules.team, team), gt(schedules.pipeline, after));
      return orm.select().from(schedules).where(behind).orderBy(asc(schedules.pipeline)).limit(limit);
    },

    /** By human id or key. */
    async find(team: string, pipeline: string): Promise<Due | undefined> {
      const named = or(eq(schedules.pipeline, pipeline), eq(schedules.key, pipeline));
      return (await withActiveRun().where(and(eq(schedules.team, team), named)))[0];
    },

    /** The longest due first. */
    due(nowMs: number, limit: number): Promise<Due[]> {
      return withActiveRun()
        .where(lte(schedules.nextAtMs, nowMs))
        .orderBy(asc(schedules.nextAtMs))
        .limit(limit);
    },

    async earliestTickMs(): Promise<number | undefined> {
      const rows = await orm
        .select({ at: min(schedules.nextAtMs) })
        .from(schedules)
        .where(isNotNull(schedules.nextAtMs));
      return rows[0]?.at ?? undefined;
    },

    /** Enabled schedules that wait for one of `events`. */
    waitingFor(team: string, events: readonly string[]): Promise<Due[]> {
      const waits = and(
        sql`${schedules.kind} = 'on-event'`,
        eq(schedules.team, team),
        inArray(schedules.expr, [...events]),
        eq(schedules.enabled, true),
      );
      return withActiveRun().where(waits);
    },

    async openRuns(team: string): Promise<Map<string, OpenRun>> {
      const open = and(eq(runs.team, team), isNull(runs.finishedAtMs));
      const rows = await orm.select({ key: runs.key, run: OPEN_RUN }).from(runs).where(open);
      return new Map(rows.map(({ key, run }) => [key, run]));
    },

    async decided(team: string, key: string, dueAtMs: number, event: string): Promise<boolean> {
      const tick = and(
        eq(ledger.team, team),
        eq(ledger.key, key),
        eq(ledger.dueAtMs, dueAtMs),
        eq(ledger.event, event),
      );
      return (await orm.select({ sequence: ledger.sequence }).from(ledger).where(tick)).length > 0;
    },

    /** Newest first. */
    ledger(
      team: string,
      filter: { pipeline?: string | undefined; before?: number | undefined },
      limit: number,
    ): Promise<LedgerRow[]> {
      const { pipeline, before } = filter;
      const conditions = [
        eq(ledger.team, team),
        ...(pipeline === undefined ? [] : [or(eq(ledger.pipeline, pipeline), eq(ledger.key, pipeline))]),
        ...(before === undefined ? [] : [lt(ledger.sequence, before)]),
      ];
      return orm
        .select()
        .from(ledger)
        .where(and(...conditions))
        .orderBy(desc(ledger.sequence))
        .limit(limit);
    },

    /** Undoes its whole batch when a ticker of a later epoch has written. */
    fence(epoch: number): Statement {
      return orm
        .insert(ticker)
        .values({ id: TICKER, epoch, stale: 0 })
        .onConflictDoUpdate({
          target: ticker.id,
          set: { epoch, stale: sql`${ticker.epoch} > ${epoch}` },
        });
    },

    /** Undoes its whole batch when the tick has been decided before. */
    decide(
      schedule: Pick<ScheduleRow, 'team' | 'key' | 'pipeline'>,
      row: TickRow,
      event: string,
      run: string | null,
      nowMs: number,
    ): Statement {
      const { team, key, pipeline } = schedule;
      const { dueAtMs, decision, reason, count } = row;
      return orm
        .insert(ledger)
        .values({ team, key, pipeline, dueAtMs, event, decision, reason, count, run, decidedAtMs: nowMs });
    },

    /** Leaves the schedule alone when it was changed since its tick was read. */
    advance(schedule: ScheduleRow, nextAtMs: number | null): Statement {
      const same = and(
        eq(schedules.team, schedule.team),
        eq(schedules.key, schedule.key),
        schedule.nextAtMs === null ? isNull(schedules.nextAtMs) : eq(schedules.nextAtMs, schedule.nextAtMs),
      );
      return orm.update(schedules).set({ nextAtMs }).where(same);
    },

    /** The statements of one adoption. They undo their whole batch when the team's revision is as new already. */
    adopt(team: TeamRow, change: { put: ScheduleRow[]; removed: string[]; bodies: Body[] }): Statement[] {
      return [
        orm
          .insert(teams)
          .values({ ...team, stale: 0 })
          .onConflictDoUpdate({
            target: teams.team,
            set: { ...team, stale: sql`${teams.sequence} >= ${team.sequence}` },
          }),
        ...chunks(change.bodies).map((rows) => orm.insert(bodies).values(rows).onConflictDoNothing()),
        ...chunks(change.removed).map((keys) =>
          orm.delete(schedules).where(and(eq(schedules.team, team.team), inArray(schedules.key, keys))),
        ),
        ...chunks(change.put).map((rows) =>
          orm
            .insert(schedules)
            .select(asTable(rows))
            .onConflictDoUpdate({ target: [schedules.team, schedules.key], set: overwritten }),
        ),
      ];
    },

    /** Deletes at most `limit` rows; returns how many. */
    async forgetLedger(decidedBeforeMs: number, limit: number): Promise<number> {
      const old = await orm
        .select({ sequence: ledger.sequence })
        .from(ledger)
        .where(lt(ledger.decidedAtMs, decidedBeforeMs))
        .limit(limit);
      const sequences = old.map(({ sequence }) => sequence);
      if (sequences.length > 0) await orm.delete(ledger).where(inArray(ledger.sequence, sequences));
      return sequences.length;
    },
  };
}

/** As one variable: for a builder and SQLite one for each value of 10,000 rows is more work than the rows are. */
function asTable(rows: readonly ScheduleRow[]): SQL {
  const columns = Object.keys(getTableColumns(schedules)).map((name) => sql`value ->> ${name}`);
  // Without a condition `on conflict` would be read as a join's.
  return sql`select ${sql.join(columns, sql`, `)} from json_each(${JSON.stringify(rows)}) where true`;
}

/** Every column of a schedule but its key, taken from the row that was to be inserted. */
const overwritten = {
  pipeline: sql`excluded.pipeline`,
  body: sql`excluded.body`,
  enabled: sql`excluded.enabled`,
  kind: sql`excluded.kind`,
  expr: sql`excluded.expr`,
  timezone: sql`excluded.timezone`,
  slot: sql`excluded.slot`,
  nextAtMs: sql`excluded.next_at_ms`,
} satisfies Record<Exclude<keyof ScheduleRow, 'team' | 'key'>, unknown>;

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / INSERT_ROWS) }, (_, index) =>
    items.slice(index * INSERT_ROWS, (index + 1) * INSERT_ROWS),
  );
}
