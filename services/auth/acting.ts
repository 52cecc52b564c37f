// Who acts, by today's rows and not by what a token once said; and who may hand out further access.

import type { Principal } from '@hakiri/authz/principal';
import type { Orm } from '@hakiri/substrate/libsql/database';
import type { Acting } from './membership.ts';
import { ownSession } from './sessions.ts';
import { findMember } from './store-members.ts';
import { findToken } from './store-tokens.ts';

/** The user of a program's token is not a member: its id says which token. */
const TOKEN_USER_PREFIX = 'token-';

export function tokenUser(id: string): string {
  return `${TOKEN_USER_PREFIX}${id}`;
}

/** Undefined when the member has gone or the token was revoked meanwhile. */
export async function actingOf(orm: Orm, { team, user }: Principal): Promise<Acting | undefined> {
  if (user.startsWith(TOKEN_USER_PREFIX)) {
    const token = await findToken(orm, team, user.slice(TOKEN_USER_PREFIX.length));
    return token && token.revokedAtMs === null ? { user, role: token.role } : undefined;
  }
  const member = await findMember(orm, team, user);
  return member && { user, role: member.role };
}

/**
 * As actingOf, for a person's own session alone. A narrowed token, or a program's, hands out nothing: what it handed out
 * would live longer or reach further than itself.
 */
export async function issuingOf(orm: Orm, principal: Principal): Promise<Acting | undefined> {
  const session = await ownSession(orm, principal);
  return session === undefined ? undefined : actingOf(orm, principal);
}

export const NOT_ISSUING =
  'Sign in as a person for this: a narrowed token, or one of a program, hands out no further access.';
export const NOT_ACTING = 'You are no member of this team any more. Sign in again.';
