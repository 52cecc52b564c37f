// Rows of sessions, their refresh tokens and their live access tokens.
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import { accessTokens, refreshTokens, sessions } from './schema.ts';
import type { Revocation } from './store.ts';

type SessionRow = typeof sessions.$inferSelect;
type RefreshRow = typeof refreshTokens.$inferSelect;
type AccessRow = typeof accessTokens.$inferSelect;

export async function findRefreshToken(orm: Orm, hash: string): Promise<RefreshRow | undefined> {
  const [row] = await orm.select().from(refreshTokens).where(eq(refreshTokens.hash, hash)).limit(1);
  return row;
}

export async function findSession(orm: Orm, id: string): Promise<SessionRow | undefined> {
  const [row] = await orm.select().from(sessions).where(eq(sessions.id, id)).limit(1);
  return row;
}

/** Oldest first. */
export async function listSessions(orm: Orm, team: string, user: string): Promise<string[]> {
  const rows = await orm
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.team, team), eq(sessions.user, user)))
    .orderBy(asc(sessions.createdAtMs), asc(sessions.id));
  return rows.map((row) => row.id);
}

export async function findAccessToken(orm: Orm, revocationId: string): Promise<AccessRow | undefined> {
  const [row] = await orm
    .select()
    .from(accessTokens)
    .where(eq(accessTokens.revocationId, revocationId))
    .limit(1);
  return row;
}

export async function liveTokensOfMember(
  orm: Orm,
  team: string,
  user: string,
  nowMs: number,
): Promise<Revocation[]> {
  return orm
    .select({ id: accessTokens.revocationId, untilMs: accessTokens.expiresAtMs })
    .from(accessTokens)
    .where(
      and(eq(accessTokens.team, team), eq(accessTokens.user, user), gt(accessTokens.expiresAtMs, nowMs)),
    );
}

export async function liveTokensOfSessions(
  orm: Orm,
  ids: readonly string[],
  nowMs: number,
): Promise<Revocation[]> {
  return orm
    .select({ id: accessTokens.revocationId, untilMs: accessTokens.expiresAtMs })
    .from(accessTokens)
    .where(and(inArray(accessTokens.session, [...ids]), gt(accessTokens.expiresAtMs, nowMs)));
}

export function insertSession(orm: Orm, row: SessionRow): Statement {
  return orm.insert(sessions).values(row);
}

export function extendSession(orm: Orm, id: string, expiresAtMs: number): Statement {
  return orm.update(sessions).set({ expiresAtMs }).where(eq(sessions.id, id));
}

export function insertRefreshToken(orm: Orm, row: RefreshRow): Statement {
  return orm.insert(refreshTokens).values(row);
}

export function markUsed(
  orm: Orm,
  hash: string,
  by: { usedAtMs: number; usedBy: string; successor: string },
): Statement {
  return orm.update(refreshTokens).set(by).where(eq(refreshTokens.hash, hash));
}

export function insertAccessToken(orm: Orm, row: AccessRow): Statement {
  return orm.insert(accessTokens).values(row);
}

export function deleteAccessTokensOfMember(orm: Orm, team: string, user: string): Statement {
  return orm.delete(accessTokens).where(and(eq(accessTokens.team, team), eq(accessTokens.user, user)));
}

export function deleteSessions(orm: Orm, ids: readonly string[]): Statement[] {
  const list = [...ids];
  return [
    orm.delete(sessions).where(inArray(sessions.id, list)),
    orm.delete(refreshTokens).where(inArray(refreshTokens.session, list)),
    orm.delete(accessTokens).where(inArray(accessTokens.session, list)),
  ];
}
