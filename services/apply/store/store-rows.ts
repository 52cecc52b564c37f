// Apply's rows as the rest of the service speaks of them, and the conditions that its statements carry.
import { eq, type SQL, sql } from 'drizzle-orm';
import type { RequestState } from '../requests/apply-machine.ts';
import { policies, requests, revisions } from './schema.ts';
import type { NamedCause } from './store-announcements.ts';

export type RequestRow = typeof requests.$inferSelect;
/** Without its body, which may be large and is asked for alone. */
export type RevisionRow = Omit<typeof revisions.$inferSelect, 'body'>;

export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export function stateOf(row: RequestRow): RequestState {
  switch (row.state) {
    case 'requested':
      return { kind: 'requested', createdAtMs: row.wokenAtMs ?? row.createdAtMs };
    case 'awaiting_approval':
      return { kind: 'awaiting_approval', expiresAtMs: row.wakeAtMs ?? 0 };
    case 'scheduled':
      return { kind: 'scheduled', dueAtMs: row.wakeAtMs ?? 0 };
    case 'publishing':
      return { kind: 'publishing', revision: row.revision ?? 0 };
    case 'published':
      return { kind: 'published', revision: row.revision ?? 0, unchanged: row.unchanged };
    case 'refused':
      if (row.problem === null) throw new StoreError(`request ${row.id} is refused without a problem`);
      return { kind: 'refused', problem: row.problem };
  }
}

/** For people or for a time. */
export function isWaiting({ state }: RequestRow): boolean {
  return state === 'awaiting_approval' || state === 'scheduled';
}

/** Whatever happens for a request happens in its author's name and in its trace. */
export function causeOf(row: RequestRow, id: string): NamedCause {
  return { actor: { kind: 'user', id: row.author }, traceparent: row.traceparent, id };
}

// Literals, not parameters: only so are the partial indexes of these very words used.
export const IS_WAITING = sql`${requests.state} in ('awaiting_approval', 'scheduled')`;
export const IS_OPEN = sql`${requests.state} in ('requested', 'publishing')`;
export const IS_PUBLISHING = sql`${revisions.state} = 'publishing'`;

/**
 * How many of a team wait, or are under way with a place among those: who waited before keeps its place while it is looked at anew,
 * and what is taken in together has the places of all of it kept.
 */
export function placesTaken(team: string): SQL {
  const own = eq(requests.team, team);
  const kept = sql`${requests.state} = 'requested' and ${HAS_PLACE}`;
  const waiting = sql`select count(*) from ${requests} where ${own} and ${IS_WAITING}`;
  return sql`((${waiting}) + (select count(*) from ${requests} where ${own} and ${IS_OPEN} and ${kept}))`;
}

export function hasPlace(id: string): SQL {
  return sql`exists (select 1 from ${requests} where ${eq(requests.id, id)} and (${IS_WAITING} or ${HAS_PLACE}))`;
}

const HAS_PLACE = sql`(${requests.wokenAtMs} is not null or ${requests.reserved} = 1)`;

/** Nobody ended the request, or gave it a number, since it was looked at. */
export function stillRequested(id: string): SQL {
  return sql`exists (select 1 from ${requests} where ${eq(requests.id, id)} and ${requests.state} = 'requested')`;
}

export function stillPublishing(id: string): SQL {
  return sql`exists (select 1 from ${requests} where ${eq(requests.id, id)} and ${requests.state} = 'publishing')`;
}

/** The team's policy is still the one that was asked; 0 is none. */
export function policyIs(team: string, version: number): SQL {
  return sql`coalesce((select ${policies.version} from ${policies} where ${eq(policies.team, team)}), 0) = ${version}`;
}

/** The newest revision of the team is this one, 0 for none, and it is out. */
export function newestIs(team: string, sequence: number): SQL {
  const last = sql`(select coalesce(max(${revisions.sequence}), 0) from ${revisions} where ${eq(revisions.team, team)})`;
  const unfinished = sql`select 1 from ${revisions} where ${eq(revisions.team, team)} and ${IS_PUBLISHING}`;
  return sql`${last} = ${sequence} and not exists (${unfinished})`;
}
