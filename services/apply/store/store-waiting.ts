// Requests that wait: held for people, scheduled for a time, and gone on. Each change carries the state it was decided on, so of
// several processes that share a database one wakes a request, once.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { Problem } from '@hakiri/contracts/problem';
import type { TokenRole } from '@hakiri/contracts/roles';
import { ApplyRequested } from '@hakiri/contracts/subjects';
import type { Cause } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, asc, desc, eq, inArray, isNotNull, lt, lte, type SQL, sql } from 'drizzle-orm';
import { approvals, policies, requests } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import {
  causeOf,
  hasPlace,
  IS_WAITING,
  placesTaken,
  policyIs,
  type RequestRow,
  stillRequested,
} from './store-rows.ts';

export type ApprovalRow = typeof approvals.$inferSelect;
type Held = {
  state: 'awaiting_approval' | 'scheduled';
  wakeAtMs: number;
  awaiting?: NonNullable<RequestRow['awaiting']>;
  /** The version of the policy that wants it to wait. */
  policy: number;
};
/** `full`: so many of the team wait already, and none of the places is this one's. */
export type HoldOutcome = 'held' | 'full' | 'changed';
type Person = { user: string; role: TokenRole };

const WAITING: RequestRow['state'][] = ['requested', 'awaiting_approval', 'scheduled', 'publishing'];

/** It waits as another policy than the team's said. By versions: the clocks of two processes do not tell which was first. */
const IS_OUTDATED = sql`${requests.heldUnder} is not ${policies.version}`;

/** `refused`: what had waited, for people or for a time, and was refused. */
export type ListedRequests = 'waiting' | 'refused' | 'all';

export type WaitingRows = ReturnType<typeof createWaitingRows>;

export function createWaitingRows(deps: {
  database: Database;
  announcements: Announcements;
  clock: Clock;
  random: Random;
  waitingRequestsLimit: number;
}) {
  const { database, clock, random, waitingRequestsLimit } = deps;
  const { orm } = database;
  const { announce, audit } = deps.announcements;
  const newId = (): string => random.ulid(clock.now());

  const isIn = (id: string, states: readonly RequestRow['state'][]): SQL =>
    sql`exists (select 1 from ${requests} where ${and(eq(requests.id, id), inArray(requests.state, [...states]))})`;

  /** It waits as it did when it was looked at. */
  const stillHeld = ({ id, state, wakeAtMs, heldUnder }: RequestRow): SQL =>
    sql`exists (select 1 from ${requests} where ${and(eq(requests.id, id), eq(requests.state, state))} and ${requests.wakeAtMs} is ${wakeAtMs} and ${requests.heldUnder} is ${heldUnder})`;

  /** The event that makes it travel again, and the state that it travels in. */
  const resuming = (row: RequestRow, from: RequestRow['state']) => {
    const still = isIn(row.id, [from]);
    return [
      announce(ApplyRequested, row.team, causeOf(row, newId()), { request: row.id }, still),
      orm
        .update(requests)
        .set({ state: 'requested', wokenAtMs: clock.now(), wakeAtMs: null })
        .where(and(eq(requests.id, row.id), still)),
    ] as const;
  };

  return {
    /** On its way, or waiting already. `changed` when it, or the policy, is otherwise by now. `record` tells of a wait for people. */
    hold: (
      row: RequestRow,
      { state, wakeAtMs, awaiting, policy }: Held,
      record?: AuditRecord,
    ): Promise<HoldOutcome> =>
      database.write(async () => {
        const still = sql`${row.state === 'requested' ? stillRequested(row.id) : stillHeld(row)} and ${policyIs(row.team, policy)}`;
        const isRoom = sql`(${hasPlace(row.id)} or ${placesTaken(row.team)} < ${waitingRequestsLimit})`;
        const when = sql`${still} and ${isRoom}`;
        const told = audit(row.team, causeOf(row, newId()), record ?? NOTHING, record ? when : sql`false`);
        const [, held] = await orm.batch([
          told,
          orm
            .update(requests)
            .set({ state, wakeAtMs, heldUnder: policy, ...(awaiting ? { awaiting } : {}) })
            .where(and(eq(requests.id, row.id), when)),
        ]);
        if (held.rowsAffected > 0) return 'held';
        const crowded = sql`${eq(requests.id, row.id)} and ${still} and not ${isRoom}`;
        return (await orm.select({ id: requests.id }).from(requests).where(crowded).get())
          ? 'full'
          : 'changed';
      }),

    /** Its time has come. False when another process was first. */
    resume: (row: RequestRow): Promise<boolean> =>
      database.write(async () => {
        const [told] = await orm.batch(resuming(row, row.state));
        return told.rowsAffected > 0;
      }),

    /** Puts an approval on record and lets the request be looked at again. False when it does not wait for people any more. */
    approve: (
      row: RequestRow,
      digest: string,
      person: Person,
      reason: string,
      cause: Cause,
    ): Promise<boolean> =>
      database.write(async () => {
        const { user, role } = person;
        const still = isIn(row.id, ['awaiting_approval']);
        const given: ApprovalRow = { request: row.id, digest, user, role, reason, atMs: clock.now() };
        const record: AuditRecord = {
          action: 'manifest.approve',
          outcome: 'done',
          target: row.id,
          detail: { digest, reason, author: row.author },
        };
        const [, , told] = await orm.batch([
          insertIf(orm, approvals, given, still).onConflictDoNothing(),
          audit(row.team, { ...cause, id: newId() }, record, still),
          ...resuming(row, 'awaiting_approval'),
        ]);
        return told.rowsAffected > 0;
      }),

    /** Ends a request that has no number yet. `by` tells of the person who did, beside the end itself. */
    stop: (row: RequestRow, problem: Problem, by?: { cause: Cause; record: AuditRecord }): Promise<boolean> =>
      database.write(async () => {
        const still = isIn(row.id, ['requested', 'awaiting_approval', 'scheduled']);
        const end: AuditRecord = {
          action: 'manifest.apply',
          outcome: 'refused',
          target: row.body.doc ?? '',
          detail: { request: row.id, code: problem.code },
        };
        const cause = { ...(by?.cause ?? causeOf(row, '')), id: newId() };
        const [, , stopped] = await orm.batch([
          audit(row.team, cause, by?.record ?? NOTHING, by ? still : sql`false`),
          audit(row.team, causeOf(row, row.auditId), end, still),
          orm
            .update(requests)
            .set({ state: 'refused', problem, wakeAtMs: null, finishedAtMs: clock.now() })
            .where(and(eq(requests.id, row.id), still)),
        ]);
        return stopped.rowsAffected > 0;
      }),

    due: (nowMs: number, limit: number): Promise<RequestRow[]> =>
      orm
        .select()
        .from(requests)
        .where(and(IS_WAITING, lte(requests.wakeAtMs, nowMs)))
        .orderBy(asc(requests.wakeAtMs))
        .limit(limit),

    nextWakeMs: async (): Promise<number | undefined> => {
      const row = await orm
        .select({ wakeAtMs: requests.wakeAtMs })
        .from(requests)
        .where(IS_WAITING)
        .orderBy(asc(requests.wakeAtMs))
        .limit(1)
        .get();
      return row?.wakeAtMs ?? undefined;
    },

    approvals: (request: string): Promise<ApprovalRow[]> =>
      orm.select().from(approvals).where(eq(approvals.request, request)).orderBy(asc(approvals.atMs)),

    /** Teams with requests that wait as an older policy than the team's said. */
    outdatedTeams: async (): Promise<string[]> => {
      const rows = await orm
        .selectDistinct({ team: requests.team })
        .from(requests)
        .innerJoin(policies, eq(policies.team, requests.team))
        .where(and(IS_WAITING, IS_OUTDATED));
      return rows.map(({ team }) => team);
    },

    /** Those requests. */
    outdatedOf: async (team: string): Promise<RequestRow[]> => {
      const rows = await orm
        .select({ request: requests })
        .from(requests)
        .innerJoin(policies, eq(policies.team, requests.team))
        .where(and(IS_WAITING, IS_OUTDATED, eq(requests.team, team)))
        .orderBy(asc(requests.id));
      return rows.map(({ request }) => request);
    },

    /** Those that wait for people and that this one agreed to, whatever it was then. */
    approvedBy: (team: string, user: string): Promise<RequestRow[]> =>
      orm
        .select()
        .from(requests)
        .where(
          and(
            IS_WAITING,
            eq(requests.team, team),
            eq(requests.state, 'awaiting_approval'),
            sql`exists (select 1 from ${approvals} where ${eq(approvals.request, requests.id)} and ${eq(approvals.user, user)})`,
          ),
        )
        .orderBy(asc(requests.id)),

    /** Of everybody without `author`. */
    waitingOf: (team: string, author?: string): Promise<RequestRow[]> =>
      orm
        .select()
        .from(requests)
        .where(
          and(
            IS_WAITING,
            eq(requests.team, team),
            author === undefined ? undefined : eq(requests.author, author),
          ),
        ),

    /** Newest first, below `before`; what the service asks of itself is not among them. */
    list: (
      team: string,
      which: ListedRequests,
      before: string | undefined,
      limit: number,
    ): Promise<RequestRow[]> =>
      orm
        .select()
        .from(requests)
        .where(
          and(
            eq(requests.team, team),
            eq(requests.kind, 'apply'),
            which === 'waiting' ? inArray(requests.state, WAITING) : undefined,
            // What was refused at once its author saw there and then.
            which === 'refused'
              ? and(eq(requests.state, 'refused'), isNotNull(requests.heldUnder))
              : undefined,
            before === undefined ? undefined : lt(requests.id, before),
          ),
        )
        .orderBy(desc(requests.id))
        .limit(limit),
  };
}

const NOTHING: AuditRecord = { action: 'manifest.apply', outcome: 'done', target: '', detail: {} };
