// Who may hand out and take away which role. Read from the same table as every decision: contracts/roles.ts.
import { type Action, type MemberRole, ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';

export function hasRight(role: TokenRole, action: Action): boolean {
  return ROLE_ACTIONS[role].some((allowed) => allowed === action);
}

/** Nobody grants more than they have. A node's work is nobody's own right: who manages tokens may enrol nodes. */
export function mayGrant(granter: TokenRole, role: TokenRole): boolean {
  if (role === 'node') return hasRight(granter, 'tokens.manage');
  return ROLE_ACTIONS[role].every((action) => hasRight(granter, action));
}

/** Only owners manage owners. */
export function mayManage(actor: TokenRole, target: MemberRole): boolean {
  return hasRight(actor, 'team.manage') && (target !== 'owner' || hasRight(actor, 'owner.manage'));
}
