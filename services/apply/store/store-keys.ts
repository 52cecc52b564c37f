// Rows of the keys that sign manifests.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { Messaging } from '@hakiri/service/messaging';
import type { Database } from '@hakiri/substrate/libsql/database';
import { and, asc, eq, isNotNull, lt, sql } from 'drizzle-orm';
import { manifestKeys } from './schema.ts';
import { createAnnouncements, type NamedCause } from './store-announcements.ts';

export type KeyRow = typeof manifestKeys.$inferSelect;
type Told = { team: string; cause: NamedCause; record: AuditRecord; replacesAll: boolean };
export type KeyStore = ReturnType<typeof createKeyStore>;

export function createKeyStore(database: Database, messaging: Messaging) {
  const { orm } = database;
  const { audit } = createAnnouncements(database, messaging);
  const find = async (kid: string): Promise<KeyRow | undefined> =>
    orm.select().from(manifestKeys).where(eq(manifestKeys.kid, kid)).get();

  return {
    /** Oldest first. */
    all: (): Promise<KeyRow[]> => orm.select().from(manifestKeys).orderBy(asc(manifestKeys.ordinal)),

    /**
     * False when another process made a key with this ordinal first. `replacesAll`: the private parts of those before go with
     * it, in one: a crash in between would leave a stolen one signing.
     */
    add: (row: KeyRow, told?: Told): Promise<boolean> =>
      database.write(async () => {
        const isIn = sql`exists (select 1 from ${manifestKeys} where ${eq(manifestKeys.kid, row.kid)})`;
        await orm.batch([
          orm.insert(manifestKeys).values(row).onConflictDoNothing(),
          ...(told?.replacesAll
            ? [
                orm
                  .update(manifestKeys)
                  .set({ privateKey: null })
                  .where(and(lt(manifestKeys.ordinal, row.ordinal), isIn)),
              ]
            : []),
          ...(told ? [audit(told.team, told.cause, told.record, isIn)] : []),
        ]);
        return (await find(row.kid)) !== undefined;
      }),

    keepPrivate: (ordinal: number, privateKey: string): Promise<void> =>
      database.write(async () => {
        await orm
          .update(manifestKeys)
          .set({ privateKey })
          .where(and(eq(manifestKeys.ordinal, ordinal), isNotNull(manifestKeys.privateKey)));
      }),

    /** Of every key before this one: what does not sign any more cannot be stolen. */
    forgetPrivateBefore: (ordinal: number): Promise<void> =>
      database.write(async () => {
        await orm.update(manifestKeys).set({ privateKey: null }).where(lt(manifestKeys.ordinal, ordinal));
      }),
  };
}
