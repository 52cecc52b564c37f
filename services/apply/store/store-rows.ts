// Apply's rows as the rest of the service speaks of them, and the conditions that its statements carry.
import { eq, type SQL, sql } from 'drizzle-orm';
import type { RequestState } from '../requests/apply-machine.ts';
import { requests, revisions } from './schema.ts';
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
export const IS_OPEN = sql`${requests.state} in ('requested', 'publishing')`;
export const IS_PUBLISHING = sql`${revisions.state} = 'publishing'`;

/** Nobody ended the request, or gave it a number, since it was looked at. */
export function stillRequested(id: string): SQL {
  return sql`exists (select 1 from ${requests} where ${eq(requests.id, id)} and ${requests.state} = 'requested')`;
}

export function stillPublishing(id: string): SQL {
  return sql`exists (select 1 from ${requests} where ${eq(requests.id, id)} and ${requests.state} = 'publishing')`;
}

/** The newest revision of the team is this one, 0 for none, and it is out. */
export function newestIs(team: string, sequence: number): SQL {
  const last = sql`(select coalesce(max(${revisions.sequence}), 0) from ${revisions} where ${eq(revisions.team, team)})`;
  const unfinished = sql`select 1 from ${revisions} where ${eq(revisions.team, team)} and ${IS_PUBLISHING}`;
  return sql`${last} = ${sequence} and not exists (${unfinished})`;
}
