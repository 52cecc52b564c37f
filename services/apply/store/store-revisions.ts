// Revisions on their way out. That a number is given once holds between processes, too: each statement carries its condition.
import type { AuditRecord } from '@hakiri/contracts/auth';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Revision } from '@hakiri/contracts/revision';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import type { Clock } from '@hakiri/substrate/clock';
import type { Database } from '@hakiri/substrate/libsql/database';
import { insertIf } from '@hakiri/substrate/libsql/insert-if';
import type { Random } from '@hakiri/substrate/random';
import { and, desc, eq, getTableColumns, isNotNull, lt, type SQL, sql } from 'drizzle-orm';
import { pack } from '../publish/packed.ts';
import { bodies, requests, revisions } from './schema.ts';
import type { Announcements } from './store-announcements.ts';
import { readBody } from './store-bodies.ts';
import {
  causeOf,
  IS_PUBLISHING,
  newestIs,
  policyIs,
  type RequestRow,
  type RevisionRow,
  StoreError,
  stillPublishing,
  stillRequested,
} from './store-rows.ts';

/** By the gate; `policy` is the version that was asked, where one was. */
type Passed = { granted?: RequestRow['granted'] | undefined; policy?: number | undefined };

const { body: _body, ...ROW } = getTableColumns(revisions);

export function createRevisionRows(deps: {
  database: Database;
  announcements: Announcements;
  clock: Clock;
  random: Random;
}) {
  const { database, clock, random } = deps;
  const { orm } = database;
  const { announce, audit } = deps.announcements;

  const ofRequest = (request: string): Promise<RevisionRow | undefined> =>
    orm.select(ROW).from(revisions).where(eq(revisions.request, request)).get();

  return {
    newest: (team: string): Promise<RevisionRow | undefined> =>
      orm
        .select(ROW)
        .from(revisions)
        .where(eq(revisions.team, team))
        .orderBy(desc(revisions.sequence))
        .limit(1)
        .get(),

    /** What a request became, or is becoming. */
    ofRequest,

    /**
     * The number is given from here on, with what the policy let it go with (`granted`). False when somebody else gave it first,
     * or the policy is not the one that was asked any more: prepare again.
     */
    commitRevision: async (
      row: RequestRow,
      revision: Revision,
      body: Uint8Array,
      warnings: ConfigIssue[],
      { granted = null, policy }: Passed = {},
    ): Promise<boolean> => {
      const packed = await pack(body);
      return database.write(async () => {
        const { team } = row;
        const { sequence, number, minor, digest } = revision;
        const created: RevisionRow = {
          team,
          sequence,
          number,
          minor,
          state: 'publishing',
          request: row.id,
          digest,
          meta: granted?.approvedBy.length ? { ...revision, approvedBy: granted.approvedBy } : revision,
          cold: false,
          eventId: random.ulid(clock.now()),
        };
        const isPolicy = policy === undefined ? sql`true` : policyIs(team, policy);
        const isNext = sql`${newestIs(team, sequence - 1)} and ${stillRequested(row.id)} and ${isPolicy}`;
        const isGiven = sql`exists (select 1 from ${revisions} where ${eq(revisions.request, row.id)})`;
        const isNew = sql`${isGiven} and ${stillRequested(row.id)}`;
        const [inserted] = await orm.batch([
          insertIf(orm, revisions, created, isNext),
          insertIf(orm, bodies, { team, sequence, packed }, isNew),
          orm
            .update(requests)
            .set({ state: 'publishing', revision: sequence, warnings, granted })
            .where(and(eq(requests.id, row.id), stillRequested(row.id), isGiven)),
        ]);
        return inserted.rowsAffected > 0;
      });
    },

    /** What is to be put into the blob store; undefined when a newer revision is out. */
    bodyOf: (team: string, sequence: number): Promise<Uint8Array | undefined> =>
      readBody(orm, team, sequence),

    /** Whether it is still on its way. Once it is out, its index is whoever's publishes the next. */
    isPublishing: async (team: string, sequence: number): Promise<boolean> => {
      const at = and(eq(revisions.team, team), eq(revisions.sequence, sequence), IS_PUBLISHING);
      return (
        (await orm.select({ sequence: revisions.sequence }).from(revisions).where(at).get()) !== undefined
      );
    },

    /** The revision is visible from here on, and its event on the way. Doing it twice changes nothing. */
    finishPublished: ({ team, sequence, meta, request, eventId }: RevisionRow): Promise<void> =>
      database.write(async () => {
        const row = await orm.select().from(requests).where(eq(requests.id, request)).get();
        // What was published long ago outlives its request.
        if (!row && (await ofRequest(request))?.state === 'published') return;
        if (!row) throw new StoreError(`revision ${team} ${meta.label} has no request`);
        if (row.state !== 'publishing') return;
        const still: SQL = stillPublishing(row.id);
        const at = (wanted: number) => and(eq(revisions.team, team), eq(revisions.sequence, wanted), still);
        await orm.batch([
          announce(ManifestApplied, team, causeOf(row, eventId), { doc: meta.doc, revision: meta }, still),
          audit(team, causeOf(row, row.auditId), publishedRecord(meta, row), still),
          orm.update(revisions).set({ state: 'published' }).where(at(sequence)),
          // Only the newest body stays here: the blob store has them all.
          orm.delete(bodies).where(and(eq(bodies.team, team), lt(bodies.sequence, sequence), still)),
          orm
            .update(revisions)
            .set({ body: null })
            .where(and(at(sequence - 1), isNotNull(revisions.body))),
          orm
            .update(requests)
            .set({ state: 'published', finishedAtMs: clock.now() })
            .where(and(eq(requests.id, row.id), still)),
        ]);
      }),

    /** Of all teams: what a crash, or a store that was away, left behind. */
    publishing: (): Promise<RevisionRow[]> => orm.select(ROW).from(revisions).where(IS_PUBLISHING),
  };
}

function publishedRecord(revision: Revision, { granted }: RequestRow): AuditRecord {
  const { digest, message, scope, pipelines, changed, changedMore = 0 } = revision;
  return {
    action: 'manifest.apply',
    outcome: 'done',
    target: revision.label,
    detail: { digest, message, scope, pipelines, changed: changed.length + changedMore, ...granted },
  };
}
