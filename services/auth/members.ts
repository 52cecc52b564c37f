// Members: reads the rows, asks membership.ts, commits what it decides and what the member loses by it.
import type { Principal } from '@hakiri/authz/principal';
import type { Member } from '@hakiri/contracts/auth';
import type { Orm } from '@hakiri/substrate/libsql/database';
import { loseAccess, NOTHING_LOST } from './access-loss.ts';
import { act } from './acting.ts';
import { done, type Ledger, refused } from './ledger.ts';
import { decideRemoval, decideUpdate, type MemberPatch, type Seen, type TeamState } from './membership.ts';
import {
  countOwners,
  deleteMember,
  findMember,
  listMembers,
  type MemberRow,
  updateMember,
} from './store-members.ts';
import { deleteSessions, listSessions } from './store-sessions.ts';

export type Members = ReturnType<typeof createMembers>;

export function createMembers(ledger: Ledger) {
  return {
    async list(team: string): Promise<Member[]> {
      return (await listMembers(ledger.orm, team)).map(describeMember);
    },

    /** @throws ProblemError `not_found` | `denied` | `last_owner` | `precondition_failed` */
    async update(principal: Principal, user: string, patch: MemberPatch, seen?: Seen): Promise<Member> {
      const { team } = principal;
      const changed = await act(ledger, principal, async (orm, nowMs, acting) => {
        const row = await findMember(orm, team, user);
        const decided = decideUpdate(await teamState(orm, team, row), acting, patch, seen);
        if (decided.kind === 'refused') return refused(decided, 'member.update', user, { patch });
        const member = describeMember({ team, sinceMs: row?.sinceMs ?? nowMs, ...decided.member });
        const outcome = { kind: 'changed' as const, member };
        if (decided.kind === 'unchanged') return { outcome };
        const { before, member: after, roleChanged } = decided;
        const lost = roleChanged ? await loseAccess(orm, team, user, after.role, nowMs) : NOTHING_LOST;
        return {
          outcome,
          statements: [updateMember(orm, team, after), ...lost.statements],
          revoked: lost.revoked,
          audit: [done('member.update', user, { before, after })],
          ...(roleChanged ? { member: { user, role: after.role } } : {}),
        };
      });
      return changed.member;
    },

    /** @throws ProblemError `not_found` | `denied` | `last_owner` | `precondition_failed` */
    async remove(principal: Principal, user: string, seen?: Seen): Promise<void> {
      const { team } = principal;
      await act(ledger, principal, async (orm, nowMs, acting) => {
        const row = await findMember(orm, team, user);
        const decided = decideRemoval(await teamState(orm, team, row), acting, seen);
        if (decided.kind === 'refused') return refused(decided, 'member.remove', user, {});
        const lost = await loseAccess(orm, team, user, undefined, nowMs);
        const sessions = deleteSessions(orm, await listSessions(orm, team, user));
        return {
          outcome: decided,
          statements: [deleteMember(orm, team, user), ...lost.statements, ...sessions],
          revoked: lost.revoked,
          audit: [done('member.remove', user, { before: decided.before })],
          member: { user, role: null },
        };
      });
    },
  };
}

async function teamState(orm: Orm, team: string, target: MemberRow | undefined): Promise<TeamState> {
  const owners = await countOwners(orm, team);
  return { owners, target: target && { user: target.user, name: target.name, role: target.role } };
}

function describeMember({ user, name, role, sinceMs }: MemberRow): Member {
  return { user, name, role, since: new Date(sinceMs).toISOString() };
}
