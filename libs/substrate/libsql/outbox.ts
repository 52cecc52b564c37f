// The outbox: a row that says "this was announced", written in the same transaction as the state it announces, and relayed
// to the bus afterwards. A crash between the two only delays the message; its id lets consumers drop the repeat.
import { asc, inArray } from 'drizzle-orm';
import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Bus } from '../bus.ts';
import type { Clock, Timer } from '../clock.ts';
import { checkSize } from '../message-size.ts';
import { checkSubject } from '../subject.ts';
import type { Database } from './database.ts';

/** Every service that announces things has this table in its schema.ts. */
export const outbox = sqliteTable('outbox', {
  sequence: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull().unique(),
  subject: text().notNull(),
  payload: blob({ mode: 'buffer' }).notNull(),
});

/**
 * Values for `orm.insert(outbox)` inside the batch that writes the state. What the bus would never take is refused here,
 * as it would hold up everything behind it.
 * @throws BusError `too_large`
 */
export function outboxRow(subject: string, id: string, payload: Uint8Array): typeof outbox.$inferInsert {
  checkSubject(subject);
  checkSize(payload);
  return { id, subject, payload: Buffer.from(payload) };
}

const RELAY_BATCH = 100;
const RETRY_FIRST_MS = 100;
const RETRY_LIMIT_MS = 10_000;

export type OutboxRelay = {
  /** Call after a commit that wrote rows. */
  nudge(): void;
  /** Relays what an earlier process left behind. */
  start(): void;
  stop(): Promise<void>;
};

/** Sends rows in order, deletes them when the bus has them, and backs off while the bus is away. */
export function createOutboxRelay(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  onError(error: unknown): void;
}): OutboxRelay {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let retry: Timer | undefined;
  let retryMs = RETRY_FIRST_MS;

  async function drain(): Promise<void> {
    for (;;) {
      again = false;
      const rows = await deps.database.orm
        .select()
        .from(outbox)
        .orderBy(asc(outbox.sequence))
        .limit(RELAY_BATCH);
      for (const row of rows) await deps.bus.enqueue(row.subject, row.id, row.payload);
      if (rows.length > 0) {
        const sent = rows.map((row) => row.sequence);
        await deps.database.write((orm) => orm.delete(outbox).where(inArray(outbox.sequence, sent)));
      }
      if (stopped || (rows.length < RELAY_BATCH && !again)) return;
    }
  }

  function nudge(): void {
    again = true;
    if (running || stopped) return;
    retry?.cancel();
    running = drain()
      .then(() => {
        retryMs = RETRY_FIRST_MS;
      })
      .catch((error) => {
        deps.onError(error);
        retry = deps.clock.after(retryMs, nudge);
        retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
        again = false;
      })
      .finally(() => {
        running = undefined;
        if (again) nudge();
      });
  }

  return {
    nudge,
    start: nudge,
    stop: async () => {
      stopped = true;
      await running;
      retry?.cancel();
    },
  };
}
