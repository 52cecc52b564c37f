// Requests: taken in once for each idempotency key, ended once, and forgotten a day after their end.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import { labelOf, type Revision } from '@hakiri/contracts/revision';
import { ApplyRequested } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, asc, eq, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm';
import { approvals, requests, reverts } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { announced, isRoomFor, type NewRequest, newRow } from './store-new-requests.ts';
import { causeOf, IS_OPEN, newestIs, type RequestRow, stillRequested } from './store-rows.ts';

type Accepted =
  | { kind: 'accepted' | 'repeated'; row: RequestRow }
  | { kind: 'mismatch' }
  /** The team has as many unfinished requests as it may have. */
  | { kind: 'full' };

/** What is wrong in all its length is in the request's row; the audit log gets the first of it. */
const AUDITED_ISSUES_LIMIT = 20;
/** Announced again in one transaction, after a start. */
const ANNOUNCED_LIMIT = 200;
/** In one statement. */
const LOOKED_AT_LIMIT = 500;

export type Requests = ReturnType<typeof createRequests>;

export function createRequests(deps: {
  database: Database;
  announcements: Announcements;
  clock: Clock;
  random: Random;
  openRequestsLimit: number;
}) {
  const { database, clock, random } = deps;
  const { orm } = database;
  const { announce, audit } = deps.announcements;
  const newId = (): string => random.ulid(clock.now());

  const findRequest = (id: string): Promise<RequestRow | undefined> =>
    orm.select().from(requests).where(eq(requests.id, id)).get();

  const hasKey = ({ team, author, idempotencyKey }: Pick<RequestRow, 'team' | 'author' | 'idempotencyKey'>) =>
    and(eq(requests.team, team), eq(requests.author, author), eq(requests.idempotencyKey, idempotencyKey));

  const ofKey = (
    key: Pick<RequestRow, 'team' | 'author' | 'idempotencyKey'>,
  ): Promise<RequestRow | undefined> => orm.select().from(requests).where(hasKey(key)).get();

  async function known(request: NewRequest): Promise<Accepted | undefined> {
    const row = await ofKey(request);
    if (!row) return undefined;
    return row.bodyHash === request.bodyHash ? { kind: 'repeated', row } : { kind: 'mismatch' };
  }

  /** With its event, unless its key is there, or its team has no room. */
  async function insert(row: RequestRow): Promise<boolean> {
    const same = sql`select 1 from ${requests} where ${hasKey(row)}`;
    const isRoom = isRoomFor(1, row.team, deps.openRequestsLimit);
    const [inserted] = await orm.batch([
      insertIf(orm, requests, row, sql`${isRoom} and not exists (${same})`),
      announced(deps.announcements, row),
    ]);
    return inserted.rowsAffected > 0;
  }

  /**
   * A request that never got a number ends. False when something is otherwise by now: it ended, it has a number, or `when`
   * does not hold.
   */
  const end = (
    row: RequestRow,
    values: Partial<RequestRow>,
    record: AuditRecord,
    when: SQL = sql`true`,
  ): Promise<boolean> =>
    database.write(async () => {
      const still = sql`${stillRequested(row.id)} and ${when}`;
      const ending = orm
        .update(requests)
        .set({ ...values, finishedAtMs: clock.now() })
        .where(and(eq(requests.id, row.id), still));
      // Nobody asked for a minor revision: one that came to nothing is no news.
      if (row.kind === 'minor') return (await ending).rowsAffected > 0;
      const [, ended] = await orm.batch([audit(row.team, causeOf(row, row.auditId), record, still), ending]);
      return ended.rowsAffected > 0;
    });

  return {
    ofKey,

    /** The request and the event that makes it travel. The same key again finds the first. */
    accept: async (request: NewRequest): Promise<Accepted> => {
      // Many repeat themselves while they wait: that holds up no write.
      const first = await known(request);
      if (first) return first;
      return database.write(async () => {
        const row = newRow(request, deps);
        if (await insert(row)) return { kind: 'accepted', row };
        // Another process may have taken the same request in just now.
        return (await known(request)) ?? { kind: 'full' };
      });
    },

    request: async (team: string, id: string): Promise<RequestRow | undefined> => {
      const row = await findRequest(id);
      return row?.team === team ? row : undefined;
    },

    /** Of `ids`, the requests that are not under way any more. */
    settledAmong: async (ids: readonly string[]): Promise<string[]> => {
      const settled: string[] = [];
      for (let start = 0; start < ids.length; start += LOOKED_AT_LIMIT) {
        const some = ids.slice(start, start + LOOKED_AT_LIMIT);
        const rows = await orm
          .select({ id: requests.id })
          .from(requests)
          .where(and(inArray(requests.id, some), sql`not (${IS_OPEN})`));
        settled.push(...rows.map(({ id }) => id));
      }
      return settled;
    },

    /** `last`: what it equals; undefined when nothing was ever applied. False when there is a newer one: prepare again. */
    finishUnchanged: (
      row: RequestRow,
      last: Revision | undefined,
      warnings: ConfigIssue[],
    ): Promise<boolean> =>
      end(
        row,
        { state: 'published', revision: last?.sequence ?? 0, unchanged: true, warnings },
        {
          action: 'manifest.apply',
          outcome: 'done',
          target: labelOf(last ?? { number: 0, minor: 0 }),
          detail: { request: row.id, unchanged: true },
        },
        newestIs(row.team, last?.sequence ?? 0),
      ),

    finishRefused: (row: RequestRow, problem: Problem): Promise<boolean> =>
      end(
        row,
        { state: 'refused', problem },
        {
          action: 'manifest.apply',
          outcome: 'refused',
          target: row.body.doc ?? '',
          detail: {
            request: row.id,
            code: problem.code,
            issues: (problem.issues ?? []).slice(0, AUDITED_ISSUES_LIMIT),
          },
        },
      ),

    /** Lets every unfinished request travel again, whatever became of its first event; under a new id, as a queue drops repeats. */
    announceOpen: async (): Promise<void> => {
      for (let after = ''; ; ) {
        const rows = await orm
          .select()
          .from(requests)
          // The plus keeps the primary key out of it: by that every request there is would be read.
          .where(and(IS_OPEN, sql`+${requests.id} > ${after}`))
          .orderBy(sql`+${requests.id}`)
          .limit(ANNOUNCED_LIMIT);
        const [first, ...others] = rows.map((row) =>
          announce(ApplyRequested, row.team, causeOf(row, newId()), { request: row.id }),
        );
        if (first) await database.write(() => orm.batch([first, ...others]));
        after = rows.at(-1)?.id ?? '';
        if (rows.length < ANNOUNCED_LIMIT) return;
      }
    },

    /** Forgets at most `limit` of those that ended before `untilMs`, and as many reverts; how many those were, the more of both. */
    forget: (untilMs: number, limit: number): Promise<number> =>
      database.write(async () => {
        const old = orm
          .select({ id: requests.id })
          .from(requests)
          .where(and(isNotNull(requests.finishedAtMs), lte(requests.finishedAtMs, untilMs)))
          .orderBy(asc(requests.finishedAtMs))
          .limit(limit);
        const isOld = inArray(requests.id, old);
        const theirs = orm.select({ id: requests.revert }).from(requests).where(isOld);
        const others = sql`select 1 from ${requests} where ${eq(requests.revert, reverts.id)} and not (${isOld})`;
        // Of those with nothing to apply.
        const ended = orm
          .select({ id: reverts.id })
          .from(reverts)
          .where(and(isNotNull(reverts.endedAtMs), lte(reverts.endedAtMs, untilMs)))
          .orderBy(asc(reverts.endedAtMs))
          .limit(limit);
        // What was decided about them goes first, while they are still there to name it.
        const [, , forgotten, answers] = await orm.batch([
          orm.delete(approvals).where(inArray(approvals.request, old)),
          orm.delete(reverts).where(and(inArray(reverts.id, theirs), sql`not exists (${others})`)),
          orm.delete(requests).where(isOld),
          orm.delete(reverts).where(inArray(reverts.id, ended)),
        ]);
        return Math.max(forgotten.rowsAffected, answers.rowsAffected);
      }),

    /** When the one that ended first did; undefined when none has. */
    oldestEndMs: async (): Promise<number | undefined> => {
      const [request] = await orm
        .select({ endMs: sql<number | null>`min(${requests.finishedAtMs})` })
        .from(requests)
        .where(isNotNull(requests.finishedAtMs));
      const [revert] = await orm
        .select({ endMs: sql<number | null>`min(${reverts.endedAtMs})` })
        .from(reverts)
        .where(isNotNull(reverts.endedAtMs));
      const ends = [request?.endMs ?? undefined, revert?.endMs ?? undefined].filter((at) => at !== undefined);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
  };
}
