// Decides about one-time codes and refresh tokens. Pure: rows and a time in, decision out.
import type { MemberRole } from '@hakiri/contracts/roles';
import { type Refusal, refuse } from './membership.ts';

type LinkState = { user: string | null; name: string; role: MemberRole; expiresAtMs: number };
type RefreshState = {
  session: string;
  usedAtMs: number | null;
  usedBy: string | null;
  expiresAtMs: number;
};
/** An answer may be lost on its way: so long after a renewal it is given again. */
export const REFRESH_GRACE_MS = 60_000;

type Redemption =
  | Refusal
  /** A further sign-in of somebody who is a member. */
  | { kind: 'returning'; user: string }
  | { kind: 'joining'; name: string; role: MemberRole };

export function decideRedemption(
  link: LinkState | undefined,
  name: string | undefined,
  members: number,
  membersLimit: number,
  nowMs: number,
): Redemption {
  if (link === undefined || link.expiresAtMs <= nowMs) return badCode();
  if (link.user !== null) return { kind: 'returning', user: link.user };
  if (members >= membersLimit) {
    return refuse('conflict', `The team has ${membersLimit} members already. Remove one first.`);
  }
  const called = (name ?? link.name).trim();
  if (called === '') {
    return refuse('name_required', 'This invitation names nobody: say how your colleagues shall see you.');
  }
  return { kind: 'joining', name: called, role: link.role };
}

export function badCode(): Refusal {
  return refuse('unauthenticated', 'The code was used, has expired or never was. Ask for a new link.');
}

type Refresh =
  | Refusal
  /** A token that works once came a second time, so somebody else has it too: the whole family ends. */
  | { kind: 'reused'; session: string }
  /** The answer of just now was lost: its token was used by nobody yet, and the same client asks again. */
  | { kind: 'repeated'; session: string }
  | { kind: 'renewed'; session: string };

/** `client` asks; `isSuccessorOpen`: the token that this one was exchanged for is there, and was not used. */
export function decideRefresh(
  token: RefreshState | undefined,
  client: string,
  isSuccessorOpen: boolean,
  nowMs: number,
): Refresh {
  if (token === undefined) return refuse('unauthenticated', 'The session has ended. Sign in again.');
  if (token.expiresAtMs <= nowMs) return refuse('token_expired', 'The session has expired. Sign in again.');
  const { session, usedAtMs, usedBy } = token;
  if (usedAtMs === null) return { kind: 'renewed', session };
  const isLost = isSuccessorOpen && usedBy === client && nowMs - usedAtMs <= REFRESH_GRACE_MS;
  return isLost ? { kind: 'repeated', session } : { kind: 'reused', session };
}
