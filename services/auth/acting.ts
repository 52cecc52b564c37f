// Who acts, by today's rows and not by what a token once said; and the frame of everything that somebody does here: look them
// up, decide, commit with the audit log, refuse afterwards.
import type { Principal } from '@hakiri/authz/principal';
import type { Standing } from '@hakiri/contracts/auth';
import type { Actor } from '@hakiri/contracts/envelope';
import type { Orm } from '@hakiri/substrate/libsql/database';
import { type Change, type Ledger, unlessRefused } from './ledger.ts';
import { type Acting, type Refusal, refuse } from './membership.ts';
import { findMember } from './store-members.ts';
import { findAccessToken } from './store-sessions.ts';
import { findToken } from './store-tokens.ts';

/** The user of a program's token is not a member: its id says which token. */
const TOKEN_USER_PREFIX = 'token-';

export const NOT_ISSUING =
  'Sign in as a person for this: a narrowed token, or one of a program, hands out no further access.';

/** In `team`, which is the caller's own unless they make a new one. @throws ProblemError with the refusal. */
export async function act<Outcome extends { kind: string }>(
  ledger: Ledger,
  principal: Principal,
  work: (orm: Orm, nowMs: number, acting: Acting) => Promise<Change<Outcome | Refusal>>,
  team: string = principal.team,
): Promise<Outcome> {
  const outcome = await ledger.change(
    team,
    userActor(principal.user),
    async (orm, nowMs): Promise<Change<Outcome | Refusal>> => {
      const acting = await actingOf(orm, principal.team, principal.user, nowMs);
      if (acting) return work(orm, nowMs, acting);
      return { outcome: refuse('token_revoked', 'You are no member of this team any more. Sign in again.') };
    },
  );
  return unlessRefused(outcome);
}

/** Undefined when the member has gone, or the token was revoked or has expired meanwhile. */
export async function actingOf(
  orm: Orm,
  team: string,
  user: string,
  nowMs: number,
): Promise<Acting | undefined> {
  if (user.startsWith(TOKEN_USER_PREFIX)) {
    const token = await findToken(orm, team, user.slice(TOKEN_USER_PREFIX.length));
    const isLive = token && token.revokedAtMs === null && token.expiresAtMs > nowMs;
    return isLive ? { user, role: token.role } : undefined;
  }
  const member = await findMember(orm, team, user);
  return member && { user, role: member.role };
}

/** What services are told: the role of today, and who answers for it. A program is its maker's, whatever became of its token. */
export async function standingOf(orm: Orm, team: string, user: string, nowMs: number): Promise<Standing> {
  const acting = await actingOf(orm, team, user, nowMs);
  const person = user.startsWith(TOKEN_USER_PREFIX)
    ? (await findToken(orm, team, user.slice(TOKEN_USER_PREFIX.length)))?.createdBy
    : user;
  return { role: acting?.role ?? null, ...(person === undefined ? {} : { person }) };
}

/**
 * The session of a token as it was issued. A narrowed one, or one of a program, has none, and so hands out nothing: what it
 * handed out would live longer or reach further than itself.
 */
export async function ownSession(orm: Orm, principal: Principal): Promise<string | undefined> {
  const [revocationId, ...narrowings] = principal.revocationIds;
  if (revocationId === undefined || narrowings.length > 0) return undefined;
  return (await findAccessToken(orm, revocationId))?.session;
}

export function tokenUser(id: string): string {
  return `${TOKEN_USER_PREFIX}${id}`;
}

export function userActor(user: string): Actor {
  return { kind: 'user', id: user };
}
