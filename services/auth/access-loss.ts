// What ends with a role: the access tokens that still speak of it, the links the member made, and the tokens made for
// programs that the member could not make now.
import type { MemberRole } from '@hakiri/contracts/roles';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { hasRight, mayGrant } from './rights.ts';
import type { Revocation } from './store.ts';
import { deleteLinksOf } from './store-members.ts';
import { deleteAccessTokensOfMember, liveTokensOfMember } from './store-sessions.ts';
import { liveTokensCreatedBy, markRevoked } from './store-tokens.ts';

export type Loss = { statements: Statement[]; revoked: Revocation[] };
export const NOTHING_LOST: Loss = { statements: [], revoked: [] };

/** `role` is the one they have from now on, undefined for somebody who goes. */
export async function loseAccess(
  orm: Orm,
  team: string,
  user: string,
  role: MemberRole | undefined,
  nowMs: number,
): Promise<Loss> {
  const created = await liveTokensCreatedBy(orm, team, user, nowMs);
  const beyond = created.filter(
    (token) => role === undefined || !hasRight(role, 'tokens.manage') || !mayGrant(role, token.role),
  );
  return {
    statements: [
      deleteAccessTokensOfMember(orm, team, user),
      deleteLinksOf(orm, team, user),
      ...beyond.map((token) => markRevoked(orm, token.id, nowMs)),
    ],
    revoked: [
      // Who stays a member has a session, and by it a token of the new role.
      ...(await liveTokensOfMember(orm, team, user, nowMs)).map((token) => ({
        ...token,
        renew: role !== undefined,
      })),
      ...beyond.map((token) => ({ id: token.revocationId, untilMs: token.expiresAtMs })),
    ],
  };
}
