// Logs of runs as rows. Nothing that ticks, claims or lists reads them.
import type { Database, Statement } from '@hakiri/substrate/libsql/database';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { KeptLine, LogHead } from './log-plan.ts';
import { logLines, logs, runs } from './schema.ts';

export type LogStore = ReturnType<typeof createLogStore>;
export type LogLineRow = typeof logLines.$inferSelect;

export function createLogStore(database: Database) {
  const { orm } = database;
  return {
    write: database.write,

    async head(run: string): Promise<LogHead | undefined> {
      return (await orm.select().from(logs).where(eq(logs.run, run)))[0];
    },

    /** Fails the batch when the run has passed on to another claim, or when somebody else wrote the same lines meanwhile. */
    append(run: string, { head, kept }: { head: LogHead; kept: readonly KeptLine[] }): Statement[] {
      const passedOn = sql<number>`(select count(*) from ${runs} where id = ${run} and fence <> ${head.fence})`;
      const values = { ...head, stale: passedOn };
      return [
        orm
          .insert(logs)
          .values({ ...values, run })
          .onConflictDoUpdate({ target: logs.run, set: values }),
        ...(kept.length === 0 ? [] : [orm.insert(logLines).values(kept.map((line) => ({ ...line, run })))]),
      ];
    },

    /** In the order in which they came. */
    page(run: string, after: number, limit: number): Promise<LogLineRow[]> {
      return orm
        .select()
        .from(logLines)
        .where(and(eq(logLines.run, run), gt(logLines.number, after)))
        .orderBy(asc(logLines.number))
        .limit(limit);
    },

    /** Deletes at most `limit` lines of ended runs; returns how many there were. */
    async forgetLines(finishedBeforeMs: number, limit: number): Promise<number> {
      const { rowsAffected } = await orm.delete(logLines).where(
        sql`rowid in (select line.rowid from ${runs} join ${logLines} as line on line.run = ${runs.id}
          where ${runs.finishedAtMs} < ${finishedBeforeMs} limit ${limit})`,
      );
      return rowsAffected;
    },
  };
}
