// Under which idempotency keys people asked for runs, as rows. They are forgotten with their run.
import type { Database, Statement } from '@hakiri/substrate/libsql/database';
import { and, eq } from 'drizzle-orm';
import { asked, runs } from './schema.ts';
import type { RunRow } from './store.ts';

/** `what` was asked for under `idempotencyKey`, which is the author's own. */
export type Asked = Omit<typeof asked.$inferSelect, 'run'>;
export type AskedStore = ReturnType<typeof createAskedStore>;

export function createAskedStore({ orm }: Pick<Database, 'orm'>) {
  return {
    async find({ team, author, idempotencyKey }: Asked): Promise<{ what: string; run: RunRow } | undefined> {
      const same = and(
        eq(asked.team, team),
        eq(asked.author, author),
        eq(asked.idempotencyKey, idempotencyKey),
      );
      const rows = await orm
        .select({ what: asked.what, run: runs })
        .from(asked)
        .innerJoin(runs, eq(runs.id, asked.run))
        .where(same);
      return rows[0];
    },

    /** Fails the batch when the key is taken. */
    insert(question: Asked, run: string): Statement {
      return orm.insert(asked).values({ ...question, run });
    },
  };
}
