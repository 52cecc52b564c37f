// Members: reads the rows, asks membership.ts, commits what it decides and what the member loses by it.

import type { Principal } from '@hakiri/authz/principal';
import type { Member } from '@hakiri/contracts/auth';
import type { MemberRole } from '@hakiri/contracts/roles';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import { actingOf, NOT_ACTING } from './acting.ts';
import { type Change, done, type Ledger, refused, unlessRefused } from './ledger.ts';
import {
  decideRemoval,
  decideUpdate,
  type MemberPatch,
  type Refusal,
  refuse,
  type TeamState,
} from './membership.ts';
import { hasRight, mayGrant } from './rights.ts';
import { userActor } from './sessions.ts';
import type { Revocation } from './store.ts';
import {
  countOwners,
  deleteLinksOf,
  deleteMember,
  findMember,
  listMembers,
  type MemberRow,
  updateMember,
} from './store-members.ts';
import {
  deleteAccessTokensOfMember,
  deleteSessions,
  listSessions,
  liveTokensOfMember,
} from './store-sessions.ts';
import { liveTokensCreatedBy, markRevoked } from './store-tokens.ts';

type Loss = { statements: Statement[]; revoked: Revocation[] };
const NOTHING_LOST: Loss = { statements: [], revoked: [] };

export type Members = ReturnType<typeof createMembers>;

export function createMembers(ledger: Ledger) {
  return {
    async list(team: string): Promise<Member[]> {
      return (await listMembers(ledger.orm, team)).map(describeMember);
    },

    /** @throws ProblemError `not_found` | `denied` | `last_owner` */
    async update(principal: Principal, user: string, patch: MemberPatch): Promise<Member> {
      const { team } = principal;
      type Outcome = Refusal | { kind: 'changed'; member: Member };
      const outcome = await ledger.change(
        team,
        userActor(principal.user),
        async (orm, nowMs): Promise<Change<Outcome>> => {
          const acting = await actingOf(orm, principal);
          if (!acting) return { outcome: refuse('token_revoked', NOT_ACTING) };
          const row = await findMember(orm, team, user);
          const decided = decideUpdate(await teamState(orm, team, row), acting, patch);
          if (decided.kind === 'refused') return refused(decided, 'member.update', user, { patch });
          const member = describeMember({ team, sinceMs: row?.sinceMs ?? nowMs, ...decided.member });
          if (decided.kind === 'unchanged') return { outcome: { kind: 'changed', member } };
          const { before, member: after, roleChanged } = decided;
          const lost = roleChanged ? await loseAccess(orm, team, user, after.role, nowMs) : NOTHING_LOST;
          return {
            outcome: { kind: 'changed', member },
            statements: [updateMember(orm, team, after), ...lost.statements],
            revoked: lost.revoked,
            audit: [done('member.update', user, { before, after })],
            ...(roleChanged ? { member: { user, role: after.role } } : {}),
          };
        },
      );
      return unlessRefused(outcome).member;
    },

    /** @throws ProblemError `not_found` | `denied` | `last_owner` */
    async remove(principal: Principal, user: string): Promise<void> {
      const { team } = principal;
      type Outcome = Refusal | { kind: 'removed' };
      const outcome = await ledger.change(
        team,
        userActor(principal.user),
        async (orm, nowMs): Promise<Change<Outcome>> => {
          const acting = await actingOf(orm, principal);
          if (!acting) return { outcome: refuse('token_revoked', NOT_ACTING) };
          const row = await findMember(orm, team, user);
          const decided = decideRemoval(await teamState(orm, team, row), acting);
          if (decided.kind === 'refused') return refused(decided, 'member.remove', user, {});
          const lost = await loseAccess(orm, team, user, undefined, nowMs);
          const sessions = deleteSessions(orm, await listSessions(orm, team, user));
          return {
            outcome: { kind: 'removed' },
            statements: [deleteMember(orm, team, user), ...lost.statements, ...sessions],
            revoked: lost.revoked,
            audit: [done('member.remove', user, { before: decided.before })],
            member: { user, role: null },
          };
        },
      );
      unlessRefused(outcome);
    },
  };
}

async function teamState(orm: Orm, team: string, target: MemberRow | undefined): Promise<TeamState> {
  const owners = await countOwners(orm, team);
  return { owners, target: target && { user: target.user, name: target.name, role: target.role } };
}

/**
 * What ends with a role: the access tokens that still speak of it, the links the member made, and the tokens made for
 * programs that the member could not make now. `role` is undefined for somebody who goes.
 */
async function loseAccess(
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
      ...(await liveTokensOfMember(orm, team, user, nowMs)),
      ...beyond.map((token) => ({ id: token.revocationId, untilMs: token.expiresAtMs })),
    ],
  };
}

function describeMember({ user, name, role, sinceMs }: MemberRow): Member {
  return { user, name, role, since: new Date(sinceMs).toISOString() };
}
