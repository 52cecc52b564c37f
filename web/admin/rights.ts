// Which roles somebody may give and change: the rules of auth (services/auth/rights.ts), read from the same table. The server decides;
// here they keep from offering what it would refuse.
import { type Action, type MemberRole, ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';

export const MEMBER_ROLES = [
  'viewer',
  'editor',
  'applier',
  'admin',
  'owner',
] as const satisfies readonly MemberRole[];
export const TOKEN_ROLES = [...MEMBER_ROLES, 'node'] as const satisfies readonly TokenRole[];

function has(role: TokenRole, action: Action): boolean {
  return ROLE_ACTIONS[role].some((allowed) => allowed === action);
}

/** Nobody gives more than they have; a node's work is nobody's own. */
export function mayGive(role: TokenRole, given: TokenRole): boolean {
  if (given === 'node') return has(role, 'tokens.manage');
  return ROLE_ACTIONS[given].every((action) => has(role, action));
}

/** Only owners manage owners. */
export function mayManage(role: TokenRole, target: MemberRole): boolean {
  return has(role, 'team.manage') && (target !== 'owner' || has(role, 'owner.manage'));
}
