// Which bodies still lie beside the index, and where a team's newest revision stands: what the move to the cold prefix reads.
import type { Database } from '@hakiri/substrate/libsql/database';
import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { KeptRevision } from '../publish/check-plan.ts';
import { revisions } from './schema.ts';

export type HotBody = { team: string; sequence: number; file: string; digest: string };

// A literal, not a parameter: only so is the partial index of these very words used.
const IS_HOT = sql`${revisions.cold} = 0`;

export function createColdRows({ database }: { database: Database }) {
  const { orm } = database;
  return {
    /** Bodies that have not moved yet, oldest first, above `after` and up to `upTo`. */
    hotBodies: async (
      team: string,
      { after, upTo }: { after: number; upTo: number },
      limit: number,
    ): Promise<HotBody[]> => {
      const { sequence } = revisions;
      const rows = await orm
        .select({ sequence, digest: revisions.digest, meta: revisions.meta })
        .from(revisions)
        .where(and(eq(revisions.team, team), IS_HOT, gt(sequence, after), lte(sequence, upTo)))
        .orderBy(asc(sequence))
        .limit(limit);
      return rows.map(({ meta, ...row }) => ({ ...row, team, file: meta.file }));
    },

    /** Teams that have more than `keep` bodies beside the index, and their newest sequence. Reads no revision that has moved. */
    teamsWithOld: (keep: number): Promise<{ team: string; newest: number }[]> =>
      orm
        .select({ team: revisions.team, newest: sql<number>`max(${revisions.sequence})` })
        .from(revisions)
        .where(IS_HOT)
        .groupBy(revisions.team)
        .having(sql`max(${revisions.sequence}) - min(${revisions.sequence}) >= ${keep}`),

    /** All that a team has, oldest first, above `after`. */
    keptRevisions: async (team: string, after: number, limit: number): Promise<KeptRevision[]> =>
      orm
        .select({ revision: revisions.meta, state: revisions.state, cold: revisions.cold })
        .from(revisions)
        .where(and(eq(revisions.team, team), gt(revisions.sequence, after)))
        .orderBy(asc(revisions.sequence))
        .limit(limit),

    markCold: (team: string, sequence: number): Promise<void> =>
      database.write(async () => {
        await orm
          .update(revisions)
          .set({ cold: true })
          .where(and(eq(revisions.team, team), eq(revisions.sequence, sequence)));
      }),
  };
}
