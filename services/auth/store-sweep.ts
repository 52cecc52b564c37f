// Deletes what has expired: with every change, so that nothing grows for ever whatever people do or leave undone.
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { inArray, lte } from 'drizzle-orm';
import { accessTokens, apiTokens, links, refreshTokens, revocations, sessions } from './schema.ts';

/** Of each table in one change: more than any change adds, so that a backlog shrinks and no change waits long for it. */
const SWEEP_LIMIT_ROWS = 5_000;

export function sweepExpired(orm: Orm, nowMs: number): Statement[] {
  const expired = [
    { table: revocations, id: revocations.sequence, untilMs: revocations.untilMs },
    { table: apiTokens, id: apiTokens.id, untilMs: apiTokens.expiresAtMs },
    { table: accessTokens, id: accessTokens.revocationId, untilMs: accessTokens.expiresAtMs },
    { table: refreshTokens, id: refreshTokens.hash, untilMs: refreshTokens.expiresAtMs },
    { table: sessions, id: sessions.id, untilMs: sessions.expiresAtMs },
    { table: links, id: links.codeHash, untilMs: links.expiresAtMs },
  ] as const;
  return expired.map(({ table, id, untilMs }) => {
    const some = orm.select({ id }).from(table).where(lte(untilMs, nowMs)).limit(SWEEP_LIMIT_ROWS);
    return orm.delete(table).where(inArray(id, some));
  });
}
