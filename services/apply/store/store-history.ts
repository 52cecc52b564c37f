// Reads of what is published. A revision whose publication is under way is not here: it is not visible yet.
import type { Revision, RevisionName } from '@hakiri/contracts/revision';
import type { Database } from '@hakiri/substrate/libsql/database';
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import { revisions } from './schema.ts';
import { readBody } from './store-bodies.ts';

export type History = ReturnType<typeof createHistory>;

export function createHistory({ orm }: Database) {
  const publishedOf = (team: string) => and(eq(revisions.team, team), eq(revisions.state, 'published'));

  return {
    latest: async (team: string): Promise<Revision | undefined> => {
      const row = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(publishedOf(team))
        .orderBy(desc(revisions.sequence))
        .limit(1)
        .get();
      return row?.meta;
    },

    revision: async (team: string, { number, minor }: RevisionName): Promise<Revision | undefined> => {
      const row = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(publishedOf(team), eq(revisions.number, number), eq(revisions.minor, minor)))
        .get();
      return row?.meta;
    },

    at: async (team: string, sequence: number): Promise<Revision | undefined> => {
      const row = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(publishedOf(team), eq(revisions.sequence, sequence)))
        .get();
      return row?.meta;
    },

    /** Only the newest body is kept here beside the blob store. */
    body: (team: string, sequence: number): Promise<Uint8Array | undefined> => readBody(orm, team, sequence),

    /** Newest first, below `before`. */
    before: async (team: string, before: number, limit: number): Promise<Revision[]> => {
      const rows = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(publishedOf(team), lt(revisions.sequence, before)))
        .orderBy(desc(revisions.sequence))
        .limit(limit);
      return rows.map((row) => row.meta);
    },

    /** Oldest first, above `after`. */
    after: async (team: string, after: number, limit: number): Promise<Revision[]> => {
      const rows = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(publishedOf(team), gt(revisions.sequence, after)))
        .orderBy(asc(revisions.sequence))
        .limit(limit);
      return rows.map((row) => row.meta);
    },
  };
}
