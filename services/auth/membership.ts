// Decides what becomes of a member: a changed role or name, or removal. Pure: rows in, decision out.
import type { ProblemCode } from '@hakiri/contracts/problem';
import type { MemberRole, TokenRole } from '@hakiri/contracts/roles';
import { mayGrant, mayManage } from './rights.ts';

export type Refusal = { kind: 'refused'; code: ProblemCode; detail: string };
export type Acting = { user: string; role: TokenRole };
export type MemberState = { user: string; name: string; role: MemberRole };
export type MemberPatch = { role?: MemberRole; name?: string };
/** What the caller saw, as far as they said so. */
export type Seen = { role?: MemberRole | undefined; name?: string | undefined };
/** `owners`: how many the team has now. */
export type TeamState = { target: MemberState | undefined; owners: number };

type MemberUpdate =
  | Refusal
  | { kind: 'unchanged'; member: MemberState }
  | { kind: 'changed'; before: MemberState; member: MemberState; roleChanged: boolean };
type MemberRemoval = Refusal | { kind: 'removed'; before: MemberState };

export function decideUpdate(
  state: TeamState,
  acting: Acting,
  patch: MemberPatch,
  seen: Seen = {},
): MemberUpdate {
  const { target } = state;
  if (target === undefined) return unknownMember();
  if (!mayManage(acting.role, target.role)) return refuse('denied', 'Only an owner may change an owner.');
  if (isOther(target, seen)) return changedMeanwhile(target);
  const member: MemberState = { ...target, ...patch };
  const roleChanged = member.role !== target.role;
  if (!roleChanged && member.name === target.name) return { kind: 'unchanged', member };
  if (roleChanged && !mayGrant(acting.role, member.role)) {
    return refuse('denied', `As ${acting.role} you may not make anybody ${member.role}. Ask an owner.`);
  }
  if (roleChanged && isLastOwner(state)) return lastOwner();
  return { kind: 'changed', before: target, member, roleChanged };
}

export function decideRemoval(state: TeamState, acting: Acting, seen: Seen = {}): MemberRemoval {
  const { target } = state;
  if (target === undefined) return unknownMember();
  if (!mayManage(acting.role, target.role)) return refuse('denied', 'Only an owner may remove an owner.');
  if (isOther(target, seen)) return changedMeanwhile(target);
  if (isLastOwner(state)) return lastOwner();
  return { kind: 'removed', before: target };
}

function isOther({ role, name }: MemberState, seen: Seen): boolean {
  return (seen.role ?? role) !== role || (seen.name ?? name) !== name;
}

function isLastOwner({ target, owners }: TeamState): boolean {
  return target?.role === 'owner' && owners <= 1;
}

function changedMeanwhile({ name, role }: MemberState): Refusal {
  return refuse(
    'precondition_failed',
    `${name} is ${role} by now. Nothing was changed: look again, then decide.`,
  );
}

function lastOwner(): Refusal {
  return refuse('last_owner', 'This is the only owner. Make somebody else an owner first.');
}

function unknownMember(): Refusal {
  return refuse('not_found', 'Nobody in this team has that id. GET /v1/auth/members lists who does.');
}

export function refuse(code: ProblemCode, detail: string): Refusal {
  return { kind: 'refused', code, detail };
}
