// Who is asking, and what the answer to "may they?" looks like.
import type { ProblemCode } from '@hakiri/contracts/problem';
import type { Action, TokenRole } from '@hakiri/contracts/roles';

export type Principal = {
  user: string;
  name: string;
  team: string;
  role: TokenRole;
  expiresAtMs: number;
  /** When its holder narrowed it to a time: what was asked for with it ends then. A session that expires is renewed instead. */
  narrowedUntilMs?: number;
  /** The human ids that the token was narrowed to, perhaps none; undefined when it serves all. */
  pipelines?: readonly string[];
  /** Of every block of the token, hex: revoking any one of them revokes it. */
  revocationIds: readonly string[];
};

/**
 * `pipeline` is the human id, for tokens that were narrowed to some pipelines: such a token serves no access that names none.
 * `team` is whose things it touches, where the request names a team: a token of another team is denied.
 */
export type Access = { action: Action; pipeline?: string; team?: string };

export type DenialCode = Extract<
  ProblemCode,
  'unauthenticated' | 'token_expired' | 'token_revoked' | 'denied' | 'unavailable'
>;
export type Decision =
  | { kind: 'allowed'; principal: Principal }
  | { kind: 'denied'; code: DenialCode; detail: string; principal?: Principal };
