// Rows of what daemons said last, and what they are held against.
import type { RevisionName } from '@hakiri/contracts/revision';
import type { Database } from '@hakiri/substrate/libsql/database';
import { and, asc, count, eq, gt, inArray, lt, or, sql } from 'drizzle-orm';
import { daemonReports, revisions } from './schema.ts';

export type ReportRow = typeof daemonReports.$inferSelect;
export type Published = RevisionName & { digest: string; publishedAtMs: number };
/** A daemon in its team: names are each token's own. */
export type DaemonName = Pick<ReportRow, 'name' | 'token'>;
export type ReportStore = ReturnType<typeof createReportStore>;

export function createReportStore(database: Database) {
  const { orm } = database;

  const countOf = async (team: string): Promise<number> => {
    const row = await orm
      .select({ rows: count() })
      .from(daemonReports)
      .where(eq(daemonReports.team, team))
      .get();
    return row?.rows ?? 0;
  };

  const isKept = async ({ team, name, token }: ReportRow): Promise<boolean> =>
    (await orm
      .select({ name: daemonReports.name })
      .from(daemonReports)
      .where(and(eq(daemonReports.team, team), eq(daemonReports.name, name), eq(daemonReports.token, token)))
      .get()) !== undefined;

  return {
    /** In one transaction. Gives back those that are new in a team which has `limit` already. */
    keep: (rows: readonly ReportRow[], limit: number): Promise<ReportRow[]> =>
      database.write(async () => {
        const full = new Set<string>();
        for (const team of new Set(rows.map((row) => row.team))) {
          const coming = rows.filter((row) => row.team === team).length;
          if ((await countOf(team)) + coming > limit) full.add(team);
        }
        const refused: ReportRow[] = [];
        for (const row of rows) if (full.has(row.team) && !(await isKept(row))) refused.push(row);
        const kept = rows.filter((row) => !refused.includes(row));
        const [first, ...others] = kept.map((row) =>
          orm
            .insert(daemonReports)
            .values(row)
            .onConflictDoUpdate({
              target: [daemonReports.team, daemonReports.name, daemonReports.token],
              set: { sequence: row.sequence, report: row.report, seenAtMs: row.seenAtMs },
            }),
        );
        if (first) await orm.batch([first, ...others]);
        return refused;
      }),

    forgetBefore: (seenAtMs: number): Promise<void> =>
      database.write(async () => {
        await orm.delete(daemonReports).where(lt(daemonReports.seenAtMs, seenAtMs));
      }),

    /** By name, behind `after`. */
    page: (team: string, after: DaemonName | undefined, since: number, limit: number): Promise<ReportRow[]> =>
      orm
        .select()
        .from(daemonReports)
        .where(
          and(
            eq(daemonReports.team, team),
            gt(daemonReports.seenAtMs, since),
            after &&
              or(
                gt(daemonReports.name, after.name),
                and(eq(daemonReports.name, after.name), gt(daemonReports.token, after.token)),
              ),
          ),
        )
        .orderBy(asc(daemonReports.name), asc(daemonReports.token))
        .limit(limit),

    /** Those of `sequences` that are published. */
    published: async (team: string, sequences: readonly number[]): Promise<Map<number, Published>> => {
      const rows = await orm
        .select({
          sequence: revisions.sequence,
          number: revisions.number,
          minor: revisions.minor,
          digest: revisions.digest,
          publishedAt: sql<string>`json_extract(${revisions.meta}, '$.publishedAt')`,
        })
        .from(revisions)
        .where(
          and(
            eq(revisions.team, team),
            eq(revisions.state, 'published'),
            inArray(revisions.sequence, [...sequences]),
          ),
        );
      return new Map(
        rows.map(({ sequence, publishedAt, ...row }) => [
          sequence,
          { ...row, publishedAtMs: Date.parse(publishedAt) },
        ]),
      );
    },
  };
}
