// Apply's rows. Every change of state is one batch with what announces it (outbox), so both are there or neither is.
import type { AppliedData, ApplyBody, Revision } from '@hakiri/contracts/apply';
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { encodeEnvelope } from '@hakiri/contracts/envelope';
import type { DurableMessage } from '@hakiri/contracts/message';
import { ApplyRequested, AuditRecorded, ManifestApplied } from '@hakiri/contracts/subjects';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { outboxRow } from '@hakiri/substrate/libsql/outbox';
import type { Random } from '@hakiri/substrate/random';
import type { Static, TSchema } from '@sinclair/typebox';
import { and, asc, count, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import type { RequestState } from './apply-machine.ts';
import { outbox, requests, revisions } from './schema.ts';

export type RequestRow = typeof requests.$inferSelect;
export type RevisionRow = typeof revisions.$inferSelect;
export type NewRequest = {
  team: string;
  author: string;
  idempotencyKey: string;
  bodyHash: string;
  body: ApplyBody;
  traceparent: string;
};
export type Accepted =
  | { kind: 'accepted' | 'repeated'; row: RequestRow }
  | { kind: 'mismatch' }
  /** The team has as many unfinished requests as it may have. */
  | { kind: 'full' };

const OPEN: RequestRow['state'][] = ['requested', 'publishing'];

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

export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export type Store = ReturnType<typeof createStore>;

export function createStore(deps: {
  database: Database;
  messaging: Messaging;
  clock: Clock;
  random: Random;
  openLimit: number;
}) {
  const { database, messaging, clock, random } = deps;
  const { orm } = database;
  const newId = (): string => random.ulid(clock.now());

  function announcement<D extends TSchema>(
    message: DurableMessage<D>,
    team: string,
    cause: Cause & { id: string },
    data: Static<D>,
  ) {
    const bytes = encodeEnvelope(messaging.seal(team, cause, data));
    return orm
      .insert(outbox)
      .values(outboxRow(message.subject({ team }), cause.id, bytes))
      .onConflictDoNothing();
  }

  const causeOf = (row: RequestRow, id: string): Cause & { id: string } => ({
    actor: { kind: 'user', id: row.author },
    traceparent: row.traceparent,
    id,
  });

  const audited = (row: RequestRow, record: AuditRecord) =>
    announcement(AuditRecorded, row.team, causeOf(row, row.auditId), { ...record, service: 'apply' });

  return {
    /** The request and the event that makes it travel. The same key again finds the first. */
    accept: (request: NewRequest): Promise<Accepted> =>
      database.write(async () => {
        const known = await orm
          .select()
          .from(requests)
          .where(
            and(
              eq(requests.team, request.team),
              eq(requests.author, request.author),
              eq(requests.idempotencyKey, request.idempotencyKey),
            ),
          )
          .get();
        if (known)
          return known.bodyHash === request.bodyHash
            ? { kind: 'repeated', row: known }
            : { kind: 'mismatch' };
        const open = await orm
          .select({ rows: count() })
          .from(requests)
          .where(and(eq(requests.team, request.team), inArray(requests.state, OPEN)))
          .get();
        if ((open?.rows ?? 0) >= deps.openLimit) return { kind: 'full' };
        const row: RequestRow = {
          ...request,
          id: newId(),
          auditId: newId(),
          createdAtMs: clock.now(),
          state: 'requested',
          revision: null,
          unchanged: false,
          warnings: null,
          problem: null,
          finishedAtMs: null,
        };
        await orm.batch([
          orm.insert(requests).values(row),
          announcement(ApplyRequested, row.team, causeOf(row, row.id), { request: row.id }),
        ]);
        return { kind: 'accepted', row };
      }),

    request: (team: string, id: string): Promise<RequestRow | undefined> =>
      orm
        .select()
        .from(requests)
        .where(and(eq(requests.id, id), eq(requests.team, team)))
        .get(),

    /** The number is given from here on. False when another process gave it first: prepare again. */
    commitRevision: (
      row: RequestRow,
      revision: Revision,
      body: string,
      warnings: ConfigIssue[],
    ): Promise<boolean> =>
      database.write(async () => {
        const newest = await orm
          .select({ number: revisions.number, state: revisions.state })
          .from(revisions)
          .where(eq(revisions.team, row.team))
          .orderBy(desc(revisions.number))
          .limit(1)
          .get();
        if ((newest?.number ?? 0) !== revision.number - 1 || newest?.state === 'publishing') return false;
        const { team } = row;
        const { number, digest } = revision;
        await orm.batch([
          orm.insert(revisions).values({
            team,
            number,
            state: 'publishing',
            request: row.id,
            digest,
            meta: revision,
            body,
            eventId: newId(),
          }),
          orm
            .update(requests)
            .set({ state: 'publishing', revision: number, warnings })
            .where(eq(requests.id, row.id)),
        ]);
        return true;
      }),

    /** The revision is visible from here on, and its event on the way. Doing it twice changes nothing. */
    finishPublished: (revision: RevisionRow): Promise<void> =>
      database.write(async () => {
        const { team, number, meta } = revision;
        const row = await orm.select().from(requests).where(eq(requests.id, revision.request)).get();
        if (!row) throw new StoreError(`revision ${team} ${number} has no request`);
        if (row.state !== 'publishing') return;
        const applied: AppliedData = { doc: meta.doc, revision: meta };
        await orm.batch([
          orm
            .update(revisions)
            .set({ state: 'published' })
            .where(and(eq(revisions.team, team), eq(revisions.number, number))),
          // Only the newest body stays here: the blob store has them all.
          orm
            .update(revisions)
            .set({ body: null })
            .where(and(eq(revisions.team, team), eq(revisions.number, number - 1))),
          orm
            .update(requests)
            .set({ state: 'published', finishedAtMs: clock.now() })
            .where(eq(requests.id, row.id)),
          announcement(ManifestApplied, team, causeOf(row, revision.eventId), applied),
          audited(row, {
            action: 'manifest.apply',
            outcome: 'done',
            target: meta.label,
            detail: published(meta),
          }),
        ]);
      }),

    finishUnchanged: (row: RequestRow, revision: number, warnings: ConfigIssue[]): Promise<void> =>
      database.write(async () => {
        const target = `v${revision}`;
        await orm.batch([
          orm
            .update(requests)
            .set({ state: 'published', revision, unchanged: true, warnings, finishedAtMs: clock.now() })
            .where(and(eq(requests.id, row.id), eq(requests.state, 'requested'))),
          audited(row, {
            action: 'manifest.apply',
            outcome: 'done',
            target,
            detail: { request: row.id, unchanged: true },
          }),
        ]);
      }),

    finishRefused: (row: RequestRow, problem: NonNullable<RequestRow['problem']>): Promise<void> =>
      database.write(async () => {
        const detail = {
          request: row.id,
          code: problem.code,
          issues: (problem.issues ?? []).slice(0, AUDITED_ISSUES),
        };
        await orm.batch([
          orm
            .update(requests)
            .set({ state: 'refused', problem, finishedAtMs: clock.now() })
            .where(and(eq(requests.id, row.id), eq(requests.state, 'requested'))),
          audited(row, { action: 'manifest.apply', outcome: 'refused', target: row.body.doc ?? '', detail }),
        ]);
      }),

    /** For what changes nothing here, such as an import. */
    audit: async (team: string, cause: Cause, record: AuditRecord): Promise<void> => {
      await database.write(() =>
        announcement(AuditRecorded, team, { ...cause, id: newId() }, { ...record, service: 'apply' }),
      );
    },

    /** Of all teams: what a crash, or a store that was away, left behind. */
    publishing: (): Promise<RevisionRow[]> =>
      orm.select().from(revisions).where(eq(revisions.state, 'publishing')),

    /** The newest row of a team, published or not. */
    newest: (team: string): Promise<RevisionRow | undefined> =>
      orm
        .select()
        .from(revisions)
        .where(eq(revisions.team, team))
        .orderBy(desc(revisions.number))
        .limit(1)
        .get(),

    latest: (team: string): Promise<RevisionRow | undefined> =>
      orm
        .select()
        .from(revisions)
        .where(and(eq(revisions.team, team), eq(revisions.state, 'published')))
        .orderBy(desc(revisions.number))
        .limit(1)
        .get(),

    revision: (team: string, number: number): Promise<RevisionRow | undefined> =>
      orm
        .select()
        .from(revisions)
        .where(and(eq(revisions.team, team), eq(revisions.number, number), eq(revisions.state, 'published')))
        .get(),

    /** Newest first, below `before`. */
    revisionsBefore: async (team: string, before: number, limit: number): Promise<Revision[]> => {
      const rows = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(eq(revisions.team, team), lt(revisions.number, before), eq(revisions.state, 'published')))
        .orderBy(desc(revisions.number))
        .limit(limit);
      return rows.map((row) => row.meta);
    },

    /** Oldest first, above `after`. */
    revisionsAfter: async (team: string, after: number, limit: number): Promise<Revision[]> => {
      const rows = await orm
        .select({ meta: revisions.meta })
        .from(revisions)
        .where(and(eq(revisions.team, team), gt(revisions.number, after), eq(revisions.state, 'published')))
        .orderBy(asc(revisions.number))
        .limit(limit);
      return rows.map((row) => row.meta);
    },
  };
}

const AUDITED_ISSUES = 20;

function published(revision: Revision): Record<string, unknown> {
  const { digest, message, scope, version, pipelines, changed, changedMore = 0 } = revision;
  return { digest, message, scope, version, pipelines, changed: changed.length + changedMore };
}
