// Outbox rows: what is announced in the same batch as the state it tells of.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { DurableMessage } from '@hakiri/contracts/message';
import { AuditRecorded } from '@hakiri/contracts/subjects';
import { announcement } from '@hakiri/service/announce';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Database } from '@hakiri/substrate/libsql/database';
import type { Static, TSchema } from '@sinclair/typebox';
import { outbox } from './schema.ts';

/** `id` is given once for each thing that is told, so that a repeated telling is recognised. */
export type NamedCause = Cause & { id: string };

export function createAnnouncements({ orm }: Database, messaging: Messaging) {
  function announce<D extends TSchema>(
    message: DurableMessage<D>,
    team: string,
    cause: NamedCause,
    data: Static<D>,
  ) {
    const row = announcement(messaging, message, team, cause, data);
    return orm.insert(outbox).values(row).onConflictDoNothing();
  }

  return {
    announce,
    audit: (team: string, cause: NamedCause, record: AuditRecord) =>
      announce(AuditRecorded, team, cause, { ...record, service: 'apply' }),
  };
}
