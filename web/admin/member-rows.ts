// Members as they are, with the roles that somebody chose and did not save yet beside them. Pure.
import type { Member } from '@hakiri/contracts/auth';
import type { MemberRole } from '@hakiri/contracts/roles';

/** `base`: the role when another was chosen. */
export type RoleEdit = { user: string; name: string; base: MemberRole; role: MemberRole };
export type MemberRow = {
  member: Member;
  edit: RoleEdit | undefined;
  /** Somebody saved another role than the one that was there when this one was chosen. */
  isChangedMeanwhile: boolean;
};

export function memberRows(members: readonly Member[], edits: readonly RoleEdit[]): MemberRow[] {
  return members.map((member) => {
    const edit = edits.find(({ user }) => user === member.user);
    return { member, edit, isChangedMeanwhile: edit !== undefined && edit.base !== member.role };
  });
}

/** What was chosen for somebody who has left meanwhile. */
export function editsOfGone(members: readonly Member[], edits: readonly RoleEdit[]): RoleEdit[] {
  return edits.filter(({ user }) => members.every((member) => member.user !== user));
}

/** The role that is there is no change. */
export function chooseRole(edits: readonly RoleEdit[], member: Member, role: MemberRole): RoleEdit[] {
  const others = edits.filter(({ user }) => user !== member.user);
  const { user, name } = member;
  return role === member.role ? others : [...others, { user, name, base: member.role, role }];
}

export function dropEdit(edits: readonly RoleEdit[], user: string): RoleEdit[] {
  return edits.filter((edit) => edit.user !== user);
}

/** The choice stays, knowing what it replaces. */
export function keepEdit(edits: readonly RoleEdit[], member: Member): RoleEdit[] {
  const edit = edits.find(({ user }) => user === member.user);
  return edit ? chooseRole(edits, member, edit.role) : [...edits];
}
