// Outbox rows: what is announced in the same batch as the state it tells of.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { DurableMessage } from '@hakiri/contracts/message';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import { announcement } from '@hakiri/service/announce';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Static, TSchema } from '@sinclair/typebox';
import { type SQL, sql } from 'drizzle-orm';
import { outbox } from './schema.ts';

/** `id` is given once for each thing that is told, so that a repeated telling is recognised. */
export type NamedCause = Cause & { id: string };

export type Announcements = ReturnType<typeof createAnnouncements>;

export function createAnnouncements({ orm }: Database, messaging: Messaging) {
  /** With `when`, only if that holds: what another process of the service did meanwhile is announced by it. */
  function announce<D extends TSchema>(
    message: DurableMessage<D>,
    team: string,
    cause: NamedCause,
    data: Static<D>,
    when: SQL = sql`true`,
  ) {
    const row = announcement(messaging, message, team, cause, data);
    return insertIf(orm, outbox, row, when).onConflictDoNothing();
  }

  return {
    announce,
    audit: (team: string, cause: NamedCause, record: AuditRecord, when?: SQL) =>
      announce(AuditRecorded, team, cause, { ...record, service: 'apply' }, when),
  };
}
