// Rows of programs' tokens, of revocations and of signing keys.
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { and, asc, count, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { apiTokens, revocations, signingKeys } from './schema.ts';

export type TokenRow = typeof apiTokens.$inferSelect;
type KeyRow = typeof signingKeys.$inferSelect;
type RevocationRow = typeof revocations.$inferSelect;

/** Newest first, expired ones left out. */
export function listTokens(orm: Orm, team: string, nowMs: number): Promise<TokenRow[]> {
  return orm
    .select()
    .from(apiTokens)
    .where(and(eq(apiTokens.team, team), gt(apiTokens.expiresAtMs, nowMs)))
    .orderBy(desc(apiTokens.createdAtMs), desc(apiTokens.id));
}

export async function countTokens(orm: Orm, team: string, nowMs: number): Promise<number> {
  const [row] = await orm
    .select({ tokens: count() })
    .from(apiTokens)
    .where(and(eq(apiTokens.team, team), gt(apiTokens.expiresAtMs, nowMs)));
  return row?.tokens ?? 0;
}

export async function findToken(orm: Orm, team: string, id: string): Promise<TokenRow | undefined> {
  const [row] = await orm
    .select()
    .from(apiTokens)
    .where(and(eq(apiTokens.team, team), eq(apiTokens.id, id)))
    .limit(1);
  return row;
}

export function liveTokensCreatedBy(
  orm: Orm,
  team: string,
  user: string,
  nowMs: number,
): Promise<TokenRow[]> {
  return orm
    .select()
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.team, team),
        eq(apiTokens.createdBy, user),
        isNull(apiTokens.revokedAtMs),
        gt(apiTokens.expiresAtMs, nowMs),
      ),
    );
}

export function insertToken(orm: Orm, row: TokenRow): Statement {
  return orm.insert(apiTokens).values(row);
}

export function markRevoked(orm: Orm, id: string, nowMs: number): Statement {
  return orm.update(apiTokens).set({ revokedAtMs: nowMs }).where(eq(apiTokens.id, id));
}

/** Those of all teams that still matter, oldest first, from behind `after`. */
export function readRevocations(
  orm: Orm,
  after: number,
  limit: number,
  nowMs: number,
): Promise<RevocationRow[]> {
  return orm
    .select()
    .from(revocations)
    .where(and(gt(revocations.sequence, after), gt(revocations.untilMs, nowMs)))
    .orderBy(asc(revocations.sequence))
    .limit(limit);
}

/** The sequence of the newest there ever was, expired and swept ones included. */
export async function lastRevocation(orm: Orm): Promise<number> {
  const [row] = await orm.all<{ seq: number }>(
    sql`SELECT seq FROM sqlite_sequence WHERE name = 'revocations'`,
  );
  return row?.seq ?? 0;
}

export async function findActiveKey(orm: Orm): Promise<KeyRow | undefined> {
  const [row] = await orm.select().from(signingKeys).where(isNull(signingKeys.retiredAtMs)).limit(1);
  return row;
}

export function listPublishedKeys(orm: Orm, nowMs: number): Promise<KeyRow[]> {
  return orm
    .select()
    .from(signingKeys)
    .where(or(isNull(signingKeys.retiredAtMs), gt(signingKeys.publishedUntilMs, nowMs)))
    .orderBy(asc(signingKeys.id));
}

export function insertKey(orm: Orm, row: typeof signingKeys.$inferInsert): Statement {
  return orm.insert(signingKeys).values(row);
}

export function retireKey(orm: Orm, id: number, nowMs: number, publishedUntilMs: number): Statement {
  return orm.update(signingKeys).set({ retiredAtMs: nowMs, publishedUntilMs }).where(eq(signingKeys.id, id));
}
