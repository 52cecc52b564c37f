// Apply's own tables: requests, revisions and the outbox. Times are milliseconds since 1970.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { DaemonReport, Signature } from '@hakiri/contracts/delivery';
import type { ApplyPolicy, Need } from '@hakiri/contracts/policy';
import type { Problem } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import type { TokenRole } from '@hakiri/contracts/roles';
import { sql } from 'drizzle-orm';
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export { outbox } from '@hakiri/substrate/libsql/outbox';

/** One row for each accepted POST; `state` and what belongs to it are apply-machine.ts's RequestState. */
export const requests = sqliteTable(
  'requests',
  {
    id: text().primaryKey(),
    team: text().notNull(),
    author: text().notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    /** sha256 of the canonical body: the same key with another body is a mistake of the caller. */
    bodyHash: text('body_hash').notNull(),
    body: text({ mode: 'json' }).$type<ApplyBody>().notNull(),
    /** `minor` takes only what nobody runs, and is asked for by the service itself. */
    kind: text({ enum: ['apply', 'minor'] })
      .notNull()
      .default('apply'),
    traceparent: text().notNull(),
    /** Of the audit record of its end, given once, so that a repeated one is recognised. */
    auditId: text('audit_id').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    state: text({
      enum: ['requested', 'awaiting_approval', 'scheduled', 'publishing', 'published', 'refused'],
    }).notNull(),
    /** As the author's token said when it was asked for; null in rows from before policies. */
    authorRole: text('author_role').$type<TokenRole>(),
    /** The author's token was narrowed to that time, and nothing of it goes live after; null when it was not. */
    untilMs: integer('until_ms'),
    /** When it last went on after a wait; null while it never waited. */
    wokenAtMs: integer('woken_at_ms'),
    /** With `awaiting_approval` and `scheduled`: when that ends by itself. */
    wakeAtMs: integer('wake_at_ms'),
    /** The version of the policy that it waits as, or was last looked at under; null while it never waited. */
    heldUnder: integer('held_under'),
    /** Its place among those that wait was kept for it when it was taken in. */
    reserved: integer({ mode: 'boolean' }).notNull().default(false),
    /** What approvals are of, since it first needed some, and until when of that, as that version of the policy has it. */
    awaiting: text({ mode: 'json' }).$type<{
      digest: string;
      needs: Need[];
      expiresAtMs?: number;
      policy?: number;
      /** Who approved that content and did not count any more when it was last looked at. */
      lost?: string[];
    }>(),
    /** What the policy let it go with. */
    granted: text({ mode: 'json' }).$type<{ overrode: string[]; approvedBy: string[] }>(),
    /** With `publishing` and `published`: the sequence of the revision, 0 when nothing was ever applied. */
    revision: integer(),
    unchanged: integer({ mode: 'boolean' }).notNull().default(false),
    /** With `publishing` and `published`. */
    warnings: text({ mode: 'json' }).$type<ConfigIssue[]>(),
    /** With `refused`. */
    problem: text({ mode: 'json' }).$type<Problem>(),
    finishedAtMs: integer('finished_at_ms'),
    /** Of the revert that asked for it. */
    revert: text(),
  },
  (table) => [
    uniqueIndex('requests_idempotency').on(table.team, table.author, table.idempotencyKey),
    index('requests_open').on(table.team).where(sql`state in ('requested', 'publishing')`),
    index('requests_ended').on(table.finishedAtMs).where(sql`finished_at_ms is not null`),
    index('requests_revert').on(table.revert).where(sql`revert is not null`),
    index('requests_waiting').on(table.wakeAtMs).where(sql`state in ('awaiting_approval', 'scheduled')`),
  ],
);

/** A number, once given, is kept: a row goes from `publishing` to `published` and never changes after that. */
export const revisions = sqliteTable(
  'revisions',
  {
    team: text().notNull(),
    /** Counts all of a team's revisions. */
    sequence: integer().notNull(),
    number: integer().notNull(),
    minor: integer().notNull(),
    state: text({ enum: ['publishing', 'published'] }).notNull(),
    request: text().notNull(),
    digest: text().notNull(),
    /** What the index and the event say. */
    meta: text({ mode: 'json' }).$type<Revision>().notNull(),
    /** The TOML of a row from before `bodies`, until a newer revision is out. */
    body: text(),
    /** The body has moved to the cold prefix. */
    cold: integer({ mode: 'boolean' }).notNull().default(false),
    /** Of ManifestApplied, given once, so that a repeated announcement is recognised. */
    eventId: text('event_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.team, table.sequence] }),
    uniqueIndex('revisions_name').on(table.team, table.number, table.minor),
    uniqueIndex('revisions_request').on(table.request),
    // At most one a team: the next number is given only after the one before is out.
    uniqueIndex('revisions_publishing').on(table.team).where(sql`state = 'publishing'`),
    index('revisions_hot').on(table.team, table.sequence).where(sql`cold = 0`),
  ],
);

/**
 * The TOML of a team's revision that is on its way, and of the newest. Beside its row, as SQLite writes a row whole whenever a
 * field of it changes and reads through what stands before the field that is asked for.
 */
export const bodies = sqliteTable(
  'bodies',
  {
    team: text().notNull(),
    sequence: integer().notNull(),
    /** Compressed, as packed.ts does it. */
    packed: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.team, table.sequence] })],
);

/** What a revert that is applied was answered with under its key; gone with the last of its requests. */
export const reverts = sqliteTable(
  'reverts',
  {
    id: text().primaryKey(),
    team: text().notNull(),
    author: text().notNull(),
    /** The first 32 digits of their sha256: of the idempotency key, and of the canonical body. */
    keyHash: text('key_hash').notNull(),
    bodyHash: text('body_hash').notNull(),
    /** JSON, compressed as packed.ts does it: the difference of a whole document is in it. */
    packed: blob({ mode: 'buffer' }).notNull(),
    /** Of one with which there was nothing to apply; null of one with requests, whose ends count. */
    endedAtMs: integer('ended_at_ms'),
  },
  (table) => [
    uniqueIndex('reverts_key').on(table.team, table.author, table.keyHash),
    index('reverts_ended').on(table.endedAtMs).where(sql`ended_at_ms is not null`),
  ],
);

/** Each approval, also those of content that has changed since; gone with their request. */
export const approvals = sqliteTable(
  'approvals',
  {
    request: text().notNull(),
    digest: text().notNull(),
    user: text().notNull(),
    role: text().$type<TokenRole>().notNull(),
    reason: text().notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.request, table.digest, table.user] })],
);

/** Each team's as it is now; what it was is in the audit log. */
export const policies = sqliteTable('policies', {
  team: text().primaryKey(),
  version: integer().notNull(),
  policy: text({ mode: 'json' }).$type<ApplyPolicy>().notNull(),
  savedAtMs: integer('saved_at_ms').notNull(),
  savedBy: text('saved_by').notNull(),
});

/** What signs manifests, for all teams. Which of them signs follows from the time alone: the last whose `signsFromMs` has come. */
export const manifestKeys = sqliteTable('manifest_keys', {
  ordinal: integer().primaryKey(),
  kid: text().notNull().unique(),
  /** base64url */
  publicKey: text('public_key').notNull(),
  /** PKCS #8 as base64url, or sealed (libs/service/sealing.ts); forgotten with the first signature by a later key. */
  privateKey: text('private_key'),
  createdAtMs: integer('created_at_ms').notNull(),
  signsFromMs: integer('signs_from_ms').notNull(),
  /** By the key before; the first has none. */
  endorsement: text({ mode: 'json' }).$type<Signature>(),
});

/** What each daemon said last. */
export const daemonReports = sqliteTable(
  'daemon_reports',
  {
    team: text().notNull(),
    name: text().notNull(),
    /** User of its token: names are each token's own. */
    token: text().notNull(),
    sequence: integer().notNull(),
    report: text({ mode: 'json' }).$type<DaemonReport>().notNull(),
    seenAtMs: integer('seen_at_ms').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.team, table.name, table.token] }),
    index('daemon_reports_by_age').on(table.seenAtMs),
  ],
);

/** What each folder of files that is merged into a document had last: the next merge is made over it. */
export const folderBases = sqliteTable(
  'folder_bases',
  {
    team: text().notNull(),
    doc: text().notNull(),
    folder: text().notNull(),
    /** JSON of its entries, keys given. */
    files: text().notNull(),
    /** Of the document when they were in it. */
    version: text().notNull(),
    /** The label of the revision that was live then. */
    revision: text(),
    by: text().notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.team, table.doc, table.folder] })],
);
