// What a session is made of: an access token that everyone can verify and a refresh token that works once. Beginning, renewing
// and ending one, as statements for the change that decided it.

import type { Session } from '@hakiri/contracts/auth';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import type { AuthConfig } from './config.ts';
import { signToken } from './keys.ts';
import type { MemberState } from './membership.ts';
import { hashSecret, newSecret } from './secret.ts';
import type { Revocation } from './store.ts';
import {
  deleteSessions,
  extendSession,
  insertAccessToken,
  insertRefreshToken,
  insertSession,
  listSessions,
  liveTokensOfSessions,
} from './store-sessions.ts';

type Issued = { session: Session; statements: Statement[]; revoked: Revocation[] };
export type SessionMaker = ReturnType<typeof createSessionMaker>;

export function createSessionMaker(config: AuthConfig, random: Random) {
  /** `known`: the refresh token that was issued already, and is given again. */
  async function issueTokens(
    orm: Orm,
    team: string,
    member: MemberState,
    sessionId: string,
    nowMs: number,
    known?: string,
  ): Promise<{ session: Session; statements: Statement[] }> {
    const { user, name, role } = member;
    const facts = { user, name, team, role, issuedAtMs: nowMs, expiresAtMs: nowMs + config.accessTtlMs };
    const access = await signToken(orm, facts);
    const refreshToken = known ?? newSecret(random);
    return {
      session: {
        accessToken: access.token,
        accessExpiresAt: new Date(access.expiresAtMs).toISOString(),
        refreshToken,
        user,
        name,
        team,
        role,
      },
      statements: [
        insertAccessToken(orm, {
          revocationId: access.revocationId,
          team,
          user,
          session: sessionId,
          expiresAtMs: access.expiresAtMs,
        }),
        ...(known === undefined
          ? [
              insertRefreshToken(orm, {
                hash: hashSecret(refreshToken),
                session: sessionId,
                usedAtMs: null,
                usedBy: null,
                successor: null,
                expiresAtMs: nowMs + config.refreshTtlMs,
              }),
            ]
          : []),
      ],
    };
  }

  return {
    /** A new sign-in. Past the bound of sessions the member's oldest ends. */
    async begin(orm: Orm, team: string, member: MemberState, nowMs: number): Promise<Issued> {
      const id = random.ulid(nowMs);
      const expiresAtMs = nowMs + config.refreshTtlMs;
      const open = await listSessions(orm, team, member.user);
      const surplus = open.slice(0, Math.max(0, open.length + 1 - config.sessionsPerMemberLimit));
      const ended = await end(orm, surplus, nowMs);
      const { session, statements } = await issueTokens(orm, team, member, id, nowMs);
      const row = { id, team, user: member.user, createdAtMs: nowMs, expiresAtMs };
      return {
        session,
        statements: [...ended.statements, insertSession(orm, row), ...statements],
        revoked: ended.revoked,
      };
    },

    /** The next pair of tokens of a session that goes on; with `known` that refresh token again, and an access token for it. */
    async renew(
      orm: Orm,
      team: string,
      member: MemberState,
      id: string,
      nowMs: number,
      known?: string,
    ): Promise<Issued> {
      const { session, statements } = await issueTokens(orm, team, member, id, nowMs, known);
      const extended = extendSession(orm, id, nowMs + config.refreshTtlMs);
      return { session, statements: [extended, ...statements], revoked: [] };
    },

    end,
  };
}

/** Its refresh tokens work no more, its access tokens are revoked. */
async function end(
  orm: Orm,
  ids: readonly string[],
  nowMs: number,
): Promise<{ statements: Statement[]; revoked: Revocation[] }> {
  if (ids.length === 0) return { statements: [], revoked: [] };
  return { statements: deleteSessions(orm, ids), revoked: await liveTokensOfSessions(orm, ids, nowMs) };
}
