// How a request comes in, by itself or with a revert: its row, its event, and whether its team has room for it.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { TokenRole } from '@hakiri/contracts/roles';
import { ApplyRequested } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import type { Random } from '@hakiri/substrate/random';
import { eq, type SQL, sql } from 'drizzle-orm';
import { requests } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { causeOf, IS_OPEN, type RequestRow, stillRequested } from './store-rows.ts';

export type NewRequest = {
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
  revert?: string;
};

export function newRow(request: NewRequest, { clock, random }: { clock: Clock; random: Random }): RequestRow {
  const newId = (): string => random.ulid(clock.now());
  return {
    ...request,
    untilMs: request.untilMs ?? null,
    revert: request.revert ?? null,
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
  };
}

/** The event that makes it travel, if it is in. */
export function announced({ announce }: Pick<Announcements, 'announce'>, row: RequestRow) {
  const { id, team } = row;
  return announce(ApplyRequested, team, causeOf(row, id), { request: id }, stillRequested(id));
}

/** For so many more unfinished requests. */
export function isRoomFor(count: number, team: string, openRequestsLimit: number): SQL {
  const open = sql`select count(*) from ${requests} where ${eq(requests.team, team)} and ${IS_OPEN}`;
  return sql`(${open}) + ${count} <= ${openRequestsLimit}`;
}
