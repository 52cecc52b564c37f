// Apply's rows. Every change of state is one batch with what announces it (outbox), so both are there or neither is.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import { labelOf, type Revision } from '@hakiri/contracts/revision';
import { ApplyRequested, ManifestApplied } from '@hakiri/contracts/subjects';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { and, count, desc, eq, inArray } from 'drizzle-orm';
import type { RequestState } from './apply-machine.ts';
import { requests, revisions } from './schema.ts';
import { createAnnouncements, type NamedCause } from './store-announcements.ts';

export type RequestRow = typeof requests.$inferSelect;
export type RevisionRow = typeof revisions.$inferSelect;
type NewRequest = {
  team: string;
  author: string;
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

const OPEN: RequestRow['state'][] = ['requested', 'publishing'];
/** What is wrong in all its length is in the request's row; the audit log gets the first of it. */
const AUDITED_ISSUES_LIMIT = 20;

export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export function stateOf(row: RequestRow): RequestState {
  switch (row.state) {
    case 'requested':
      return { kind: 'requested', createdAtMs: row.createdAtMs };
    case 'publishing':
      return { kind: 'publishing', revision: row.revision ?? 0 };
    case 'published':
      return { kind: 'published', revision: row.revision ?? 0, unchanged: row.unchanged };
    case 'refused':
      if (row.problem === null) throw new StoreError(`request ${row.id} is refused without a problem`);
      return { kind: 'refused', problem: row.problem };
  }
}

/** Whatever happens for a request happens in its author's name and in its trace. */
export function causeOf(row: RequestRow, id: string): NamedCause {
  return { actor: { kind: 'user', id: row.author }, traceparent: row.traceparent, id };
}

export type Store = ReturnType<typeof createStore>;

export function createStore(deps: {
  database: Database;
  messaging: Messaging;
  clock: Clock;
  random: Random;
  openRequestsLimit: number;
}) {
  const { database, clock, random } = deps;
  const { orm } = database;
  const { announce, audit } = createAnnouncements(database, deps.messaging);
  const newId = (): string => random.ulid(clock.now());

  const findRequest = (id: string): Promise<RequestRow | undefined> =>
    orm.select().from(requests).where(eq(requests.id, id)).get();

  const newest = (team: string): Promise<RevisionRow | undefined> =>
    orm
      .select()
      .from(revisions)
      .where(eq(revisions.team, team))
      .orderBy(desc(revisions.sequence))
      .limit(1)
      .get();

  const findByKey = ({ team, author, idempotencyKey }: NewRequest): Promise<RequestRow | undefined> =>
    orm
      .select()
      .from(requests)
      .where(
        and(
          eq(requests.team, team),
          eq(requests.author, author),
          eq(requests.idempotencyKey, idempotencyKey),
        ),
      )
      .get();

  async function countOpen(team: string): Promise<number> {
    const open = await orm
      .select({ rows: count() })
      .from(requests)
      .where(and(eq(requests.team, team), inArray(requests.state, OPEN)))
      .get();
    return open?.rows ?? 0;
  }

  /** A request that never got a number ends; one that ended already stays as it is. */
  const end = (row: RequestRow, values: Partial<RequestRow>, record: AuditRecord): Promise<void> =>
    database.write(async () => {
      const current = await findRequest(row.id);
      if (current?.state !== 'requested') return;
      await orm.batch([
        orm
          .update(requests)
          .set({ ...values, finishedAtMs: clock.now() })
          .where(eq(requests.id, row.id)),
        audit(row.team, causeOf(row, row.auditId), record),
      ]);
    });

  return {
    /** The request and the event that makes it travel. The same key again finds the first. */
    accept: (request: NewRequest): Promise<Accepted> =>
      database.write(async () => {
        const known = await findByKey(request);
        if (known && known.bodyHash !== request.bodyHash) return { kind: 'mismatch' };
        if (known) return { kind: 'repeated', row: known };
        if ((await countOpen(request.team)) >= deps.openRequestsLimit) return { kind: 'full' };
        const row: RequestRow = {
          ...request,
          id: newId(),
          auditId: newId(),
          createdAtMs: clock.now(),
          kind: 'apply',
          state: 'requested',
          revision: null,
          unchanged: false,
          warnings: null,
          problem: null,
          finishedAtMs: null,
        };
        await orm.batch([
          orm.insert(requests).values(row),
          announce(ApplyRequested, row.team, causeOf(row, row.id), { request: row.id }),
        ]);
        return { kind: 'accepted', row };
      }),

    request: async (team: string, id: string): Promise<RequestRow | undefined> => {
      const row = await findRequest(id);
      return row?.team === team ? row : undefined;
    },

    newest,

    /** The number is given from here on. False when somebody else gave it first: prepare again. */
    commitRevision: (
      row: RequestRow,
      revision: Revision,
      body: string,
      warnings: ConfigIssue[],
    ): Promise<boolean> =>
      database.write(async () => {
        const { team } = row;
        const { sequence, number, minor, digest } = revision;
        const last = await newest(team);
        if ((last?.sequence ?? 0) !== sequence - 1 || last?.state === 'publishing') return false;
        if ((await findRequest(row.id))?.state !== 'requested') return false;
        await orm.batch([
          orm.insert(revisions).values({
            team,
            sequence,
            number,
            minor,
            state: 'publishing',
            request: row.id,
            digest,
            meta: revision,
            body,
            eventId: newId(),
          }),
          orm
            .update(requests)
            .set({ state: 'publishing', revision: sequence, warnings })
            .where(eq(requests.id, row.id)),
        ]);
        return true;
      }),

    /** The revision is visible from here on, and its event on the way. Doing it twice changes nothing. */
    finishPublished: ({ team, sequence, meta, request, eventId }: RevisionRow): Promise<void> =>
      database.write(async () => {
        const row = await findRequest(request);
        if (!row) throw new StoreError(`revision ${team} ${meta.label} has no request`);
        if (row.state !== 'publishing') return;
        const at = (wanted: number) => and(eq(revisions.team, team), eq(revisions.sequence, wanted));
        await orm.batch([
          orm.update(revisions).set({ state: 'published' }).where(at(sequence)),
          // Only the newest body stays here: the blob store has them all.
          orm
            .update(revisions)
            .set({ body: null })
            .where(at(sequence - 1)),
          orm
            .update(requests)
            .set({ state: 'published', finishedAtMs: clock.now() })
            .where(eq(requests.id, row.id)),
          announce(ManifestApplied, team, causeOf(row, eventId), { doc: meta.doc, revision: meta }),
          audit(team, causeOf(row, row.auditId), publishedRecord(meta)),
        ]);
      }),

    /** `last`: what it equals; undefined when nothing was ever applied. */
    finishUnchanged: (row: RequestRow, last: Revision | undefined, warnings: ConfigIssue[]): Promise<void> =>
      end(
        row,
        { state: 'published', revision: last?.sequence ?? 0, unchanged: true, warnings },
        {
          action: 'manifest.apply',
          outcome: 'done',
          target: labelOf(last ?? { number: 0, minor: 0 }),
          detail: { request: row.id, unchanged: true },
        },
      ),

    finishRefused: (row: RequestRow, problem: Problem): Promise<void> =>
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

    /** For what changes nothing here, such as an import. */
    audit: (team: string, cause: Cause, record: AuditRecord): Promise<void> =>
      database.write(async () => {
        await audit(team, { ...cause, id: newId() }, record);
      }),

    /** Lets every unfinished request travel again, whatever became of its first event. */
    announceOpen: (): Promise<void> =>
      database.write(async () => {
        for (const row of await orm.select().from(requests).where(inArray(requests.state, OPEN)))
          await announce(ApplyRequested, row.team, causeOf(row, row.id), { request: row.id });
      }),

    /** Of all teams: what a crash, or a store that was away, left behind. */
    publishing: (): Promise<RevisionRow[]> =>
      orm.select().from(revisions).where(eq(revisions.state, 'publishing')),
  };
}

function publishedRecord(revision: Revision): AuditRecord {
  const { digest, message, scope, pipelines, changed, changedMore = 0 } = revision;
  return {
    action: 'manifest.apply',
    outcome: 'done',
    target: revision.label,
    detail: { digest, message, scope, pipelines, changed: changed.length + changedMore },
  };
}
