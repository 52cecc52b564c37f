// Auth's rows. Times are milliseconds since 1970; secrets that others hold (codes, refresh tokens) are kept as hashes alone.
import type { MemberRole, TokenRole } from '@hakiri/contracts/roles';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

export const teams = sqliteTable('teams', {
  id: text().primaryKey(),
  createdAtMs: integer('created_at_ms').notNull(),
});

export const members = sqliteTable(
  'members',
  {
    team: text().notNull(),
    user: text().notNull(),
    name: text().notNull(),
    role: text().$type<MemberRole>().notNull(),
    sinceMs: integer('since_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.team, table.user] })],
);

/** One-time codes that are still good: redeeming one deletes it. */
export const links = sqliteTable(
  'links',
  {
    codeHash: text('code_hash').primaryKey(),
    team: text().notNull(),
    /** Of `self` the member who signs in again; of `invite` nobody yet. */
    user: text(),
    name: text().notNull(),
    role: text().$type<MemberRole>().notNull(),
    createdBy: text('created_by').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [index('links_by_creator').on(table.team, table.createdBy)],
);

/** A sign-in: the family of refresh tokens that follow from one redeemed code. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    team: text().notNull(),
    user: text().notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [
    index('sessions_by_member').on(table.team, table.user),
    index('sessions_by_expiry').on(table.expiresAtMs),
  ],
);

/** Used ones stay until they expire: that is how a second use is seen. */
export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    hash: text().primaryKey(),
    session: text().notNull(),
    usedAtMs: integer('used_at_ms'),
    /** With `usedAtMs`: by which client, hashed. */
    usedBy: text('used_by'),
    /** With `usedAtMs`: the token that came after, sealed with this one, which nobody here has: only who presents it gets it again. */
    successor: text(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [
    index('refresh_tokens_by_session').on(table.session),
    index('refresh_tokens_by_expiry').on(table.expiresAtMs),
  ],
);

/** Live access tokens of sessions, by what revokes them. */
export const accessTokens = sqliteTable(
  'access_tokens',
  {
    revocationId: text('revocation_id').primaryKey(),
    team: text().notNull(),
    user: text().notNull(),
    session: text().notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
  },
  (table) => [
    index('access_tokens_by_member').on(table.team, table.user),
    index('access_tokens_by_expiry').on(table.expiresAtMs),
  ],
);

/** Long-lived tokens of programs and nodes. */
export const apiTokens = sqliteTable(
  'api_tokens',
  {
    id: text().primaryKey(),
    team: text().notNull(),
    name: text().notNull(),
    role: text().$type<TokenRole>().notNull(),
    createdBy: text('created_by').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    revokedAtMs: integer('revoked_at_ms'),
    revocationId: text('revocation_id').notNull(),
    /** All that it may do anything on; null: whatever its role may. */
    pipelines: text({ mode: 'json' }).$type<string[]>(),
  },
  (table) => [index('api_tokens_by_team').on(table.team, table.createdAtMs)],
);

export const revocations = sqliteTable(
  'revocations',
  {
    sequence: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    team: text().notNull(),
    untilMs: integer('until_ms').notNull(),
    /** Its holder may renew it: only the role it speaks of is over. */
    renew: integer({ mode: 'boolean' }).notNull().default(false),
  },
  (table) => [index('revocations_by_expiry').on(table.untilMs)],
);

/** The one without `retiredAtMs` signs; the others are published until nothing they signed can still be alive. */
export const signingKeys = sqliteTable('signing_keys', {
  id: integer().primaryKey({ autoIncrement: true }),
  publicKey: text('public_key').notNull().unique(),
  privateKey: text('private_key').notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  retiredAtMs: integer('retired_at_ms'),
  publishedUntilMs: integer('published_until_ms'),
});

/** Append only, chained: `hash` covers the entry and the hash of the one before. */
export const audit = sqliteTable(
  'audit',
  {
    team: text().notNull(),
    sequence: integer().notNull(),
    /** Of the message that brought it, so that a redelivery writes no second entry. */
    messageId: text('message_id').notNull(),
    at: text().notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id').notNull(),
    service: text().notNull(),
    action: text().notNull(),
    outcome: text().$type<'done' | 'refused'>().notNull(),
    target: text().notNull(),
    /** Canonical JSON. */
    detail: text().notNull(),
    hash: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.team, table.sequence] }),
    uniqueIndex('audit_by_message').on(table.team, table.messageId),
  ],
);
