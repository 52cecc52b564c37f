// The rows of reverts that are applied: what each was answered with under its key, and the requests that it asked for.
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, asc, eq, sql } from 'drizzle-orm';
import { pack, unpack } from '../publish/packed.ts';
import { requests, reverts } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { announced, isRoomFor, type NewRequest, newRow } from './store-new-requests.ts';
import { placesTaken, type RequestRow } from './store-rows.ts';

/** A key is each author's own. */
export type RevertKey = { team: string; author: string; keyHash: string };
export type KeptRevert = { bodyHash: string; answer: Uint8Array; rows: RequestRow[] };

export function createRevertRows(deps: {
  database: Database;
  announcements: Announcements;
  clock: Clock;
  random: Random;
  openRequestsLimit: number;
  waitingRequestsLimit: number;
}) {
  const { database, announcements, clock, random, openRequestsLimit, waitingRequestsLimit } = deps;
  const { orm } = database;

  return {
    /**
     * Its answer with all of its requests and their events, or nothing: undefined when its key is there, or the team has no room
     * for all, unfinished or waiting: the places where several wait are kept for them from here on.
     */
    acceptRevert: async (
      { team, author, keyHash }: RevertKey,
      bodyHash: string,
      answer: Uint8Array,
      asked: readonly Omit<NewRequest, 'idempotencyKey'>[],
    ): Promise<RequestRow[] | undefined> => {
      const packed = await pack(answer);
      return database.write(async () => {
        const id = random.ulid(clock.now());
        // Of one there is nothing to be half taken: it is refused as any Apply that finds no place to wait.
        const isMany = asked.length > 1;
        const rows = asked.map((request, index) => {
          const idempotencyKey = `revert:${id}:${index}`;
          const row = newRow({ ...request, revert: id, idempotencyKey }, { clock, random });
          return { ...row, reserved: isMany };
        });
        const endedAtMs = rows.length === 0 ? clock.now() : null;
        const kept = { id, team, author, keyHash, bodyHash, packed, endedAtMs };
        const same = orm.select({ id: reverts.id }).from(reverts).where(isKey({ team, author, keyHash }));
        const isFree = sql`not exists ${same}`;
        const isRoom = rows.length === 0 ? sql`true` : isRoomFor(rows.length, team, openRequestsLimit);
        const arePlaces = isMany
          ? sql`${placesTaken(team)} + ${rows.length} <= ${waitingRequestsLimit}`
          : sql`true`;
        const isIn = sql`exists (select 1 from ${reverts} where ${eq(reverts.id, id)})`;
        const [inserted] = await orm.batch([
          insertIf(orm, reverts, kept, sql`${isRoom} and ${arePlaces} and ${isFree}`),
          ...rows.map((row) => insertIf(orm, requests, row, isIn)),
          ...rows.map((row) => announced(announcements, row)),
        ]);
        return inserted.rowsAffected > 0 ? rows : undefined;
      });
    },

    revertKept: async (key: RevertKey): Promise<KeptRevert | undefined> => {
      const kept = await orm.select().from(reverts).where(isKey(key)).get();
      if (!kept) return undefined;
      const rows = await orm
        .select()
        .from(requests)
        .where(eq(requests.revert, kept.id))
        .orderBy(asc(requests.id));
      return { bodyHash: kept.bodyHash, answer: await unpack(kept.packed), rows };
    },
  };
}

function isKey({ team, author, keyHash }: RevertKey) {
  return and(eq(reverts.team, team), eq(reverts.author, author), eq(reverts.keyHash, keyHash));
}
