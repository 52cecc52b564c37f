// Requests: taken in once for each idempotency key, ended once, and forgotten a day after their end.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import { labelOf, type Revision } from '@hakiri/contracts/revision';
import type { TokenRole } from '@hakiri/contracts/roles';
import { ApplyRequested } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, asc, eq, gte, inArray, isNotNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { pack, unpack } from '../publish/packed.ts';
import { approvals, requests, revertAnswers } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { causeOf, IS_OPEN, newestIs, type RequestRow, stillRequested } from './store-rows.ts';

type NewRequest = {
  team: string;
  author: string;
  authorRole: TokenRole;
  untilMs?: number;
  /** `apply` when absent. */
  kind?: RequestRow['kind'];
  idempotencyKey: string;
  bodyHash: string;
  body: ApplyBody;
  traceparent: string;
};
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

  async function known(request: NewRequest): Promise<Accepted | undefined> {
    const row = await orm.select().from(requests).where(hasKey(request)).get();
    if (!row) return undefined;
    return row.bodyHash === request.bodyHash ? { kind: 'repeated', row } : { kind: 'mismatch' };
  }

  const newRow = (request: NewRequest): RequestRow => ({
    ...request,
    untilMs: request.untilMs ?? null,
    id: newId(),
    auditId: newId(),
    createdAtMs: clock.now(),
    kind: request.kind ?? 'apply',
    state: 'requested',
    revision: null,
    unchanged: false,
    warnings: null,
    problem: null,
    finishedAtMs: null,
    wokenAtMs: null,
    wakeAtMs: null,
    heldUnder: null,
    reserved: false,
    awaiting: null,
    granted: null,
  });

  /** All of them with their events, or none: when a key of theirs is there, or their team has no room for all. */
  async function insertAll(
    first: RequestRow,
    others: readonly RequestRow[],
    answer?: Buffer,
  ): Promise<boolean> {
    const rows = [first, ...others];
    const open = sql`select count(*) from ${requests} where ${eq(requests.team, first.team)} and ${IS_OPEN}`;
    const same = sql`select 1 from ${requests} where ${or(...rows.map(hasKey))}`;
    const isRoom = sql`(${open}) + ${rows.length} <= ${deps.openRequestsLimit}`;
    const isIn = sql`exists (select 1 from ${requests} where ${eq(requests.id, first.id)})`;
    const [inserted] = await orm.batch([
      insertIf(orm, requests, first, sql`${isRoom} and not exists (${same})`),
      ...others.map((row) => insertIf(orm, requests, row, isIn)),
      ...(answer ? [insertIf(orm, revertAnswers, { request: first.id, packed: answer }, isIn)] : []),
      ...rows.map((row) =>
        announce(ApplyRequested, row.team, causeOf(row, row.id), { request: row.id }, stillRequested(row.id)),
      ),
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
    /** The request and the event that makes it travel. The same key again finds the first. */
    accept: async (request: NewRequest): Promise<Accepted> => {
      // Many repeat themselves while they wait: that holds up no write.
      const first = await known(request);
      if (first) return first;
      return database.write(async () => {
        const row = newRow(request);
        if (await insertAll(row, [])) return { kind: 'accepted', row };
        // Another process may have taken the same request in just now.
        return (await known(request)) ?? { kind: 'full' };
      });
    },

    /** A revert's, with what it is answered: all or none. Undefined when a key of theirs is there, or there is no room for all. */
    acceptAll: async (
      asked: readonly NewRequest[],
      answer: Uint8Array,
    ): Promise<RequestRow[] | undefined> => {
      const packed = await pack(answer);
      return database.write(async () => {
        const rows = asked.map(newRow);
        const [first, ...others] = rows;
        return first === undefined || (await insertAll(first, others, packed)) ? rows : undefined;
      });
    },

    /** Of one of these requests; undefined of a revert from before answers were kept. */
    revertAnswer: async (ids: readonly string[]): Promise<Uint8Array | undefined> => {
      const kept = await orm
        .select({ packed: revertAnswers.packed })
        .from(revertAnswers)
        .where(inArray(revertAnswers.request, [...ids]))
        .get();
      return kept && unpack(kept.packed);
    },

    /** An author's requests whose idempotency keys begin so, oldest first. No key has a `~`, which sorts after all that it may have. */
    requestsKeyed: (team: string, author: string, prefix: string): Promise<RequestRow[]> =>
      orm
        .select()
        .from(requests)
        .where(
          and(
            eq(requests.team, team),
            eq(requests.author, author),
            gte(requests.idempotencyKey, prefix),
            lt(requests.idempotencyKey, `${prefix}~`),
          ),
        )
        .orderBy(asc(requests.id)),

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

    /** Forgets at most `limit` of those that ended before `untilMs`; how many those were. */
    forget: (untilMs: number, limit: number): Promise<number> =>
      database.write(async () => {
        const old = orm
          .select({ id: requests.id })
          .from(requests)
          .where(and(isNotNull(requests.finishedAtMs), lte(requests.finishedAtMs, untilMs)))
          .orderBy(asc(requests.finishedAtMs))
          .limit(limit);
        // What was decided about them goes first, while they are still there to name it.
        const [, , forgotten] = await orm.batch([
          orm.delete(approvals).where(inArray(approvals.request, old)),
          orm.delete(revertAnswers).where(inArray(revertAnswers.request, old)),
          orm.delete(requests).where(inArray(requests.id, old)),
        ]);
        return forgotten.rowsAffected;
      }),

    /** When the one that ended first did; undefined when none has. */
    oldestEndMs: async (): Promise<number | undefined> => {
      const row = await orm
        .select({ endMs: requests.finishedAtMs })
        .from(requests)
        .where(isNotNull(requests.finishedAtMs))
        .orderBy(asc(requests.finishedAtMs))
        .limit(1)
        .get();
      return row?.endMs ?? undefined;
    },
  };
}
