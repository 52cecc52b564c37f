// What a service tells the others, as a row of its outbox: written in the batch of the change that it tells of.
import { encodeEnvelope } from '@hakiri/contracts/envelope';
import type { DurableMessage } from '@hakiri/contracts/message';
import { type outbox, outboxRow } from '@hakiri/substrate/libsql/outbox';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Cause, Messaging } from './messaging.ts';

export type OutboxRow = typeof outbox.$inferInsert;

/** The `id` of `cause`, when it has one, names the occasion, so that a repeated telling is recognised. @throws BusError `too_large` */
export function announcement<D extends TSchema>(
  messaging: Pick<Messaging, 'seal'>,
  message: DurableMessage<D>,
  team: string,
  cause: Cause,
  data: Static<D>,
): OutboxRow {
  const envelope = messaging.seal(team, cause, data);
  return outboxRow(message.subject({ team }), envelope.id, encodeEnvelope(envelope));
}
