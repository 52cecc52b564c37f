// Who may change whom: the full table of actor, target and new role.
import { describe, expect, test } from 'bun:test';
import type { MemberRole, TokenRole } from '@hakiri/contracts/roles';
import { decideRemoval, decideUpdate, type TeamState } from './membership.ts';
import { mayGrant, mayManage } from './rights.ts';

const MEMBER_ROLES: MemberRole[] = ['viewer', 'editor', 'applier', 'admin', 'owner'];
const TOKEN_ROLES: TokenRole[] = [...MEMBER_ROLES, 'node'];

function team(role: MemberRole, owners: number): TeamState {
  return { target: { user: 'bob', name: 'Bob', role }, owners };
}

function kindOf(decision: { kind: string; code?: string }): string {
  return decision.code ?? decision.kind;
}

describe('[AU1.2] a team keeps its last owner', () => {
  test('[AU1.2] the only owner is neither demoted nor removed, not even by their own hand', () => {
    const acting = { user: 'bob', role: 'owner' } as const;
    for (const role of MEMBER_ROLES.filter((role) => role !== 'owner')) {
      expect(kindOf(decideUpdate(team('owner', 1), acting, { role }))).toBe('last_owner');
      expect(kindOf(decideUpdate(team('owner', 2), acting, { role }))).toBe('changed');
    }
    expect(kindOf(decideRemoval(team('owner', 1), acting))).toBe('last_owner');
    expect(kindOf(decideRemoval(team('owner', 2), acting))).toBe('removed');
    expect(kindOf(decideUpdate(team('owner', 1), acting, { name: 'Robert' }))).toBe('changed');
  });
});

describe('[AU1.3] nobody grants more than they have, and only owners manage owners', () => {
  test('[AU1.3] every actor, every target, every new role', () => {
    for (const actor of TOKEN_ROLES) {
      for (const target of MEMBER_ROLES) {
        for (const role of MEMBER_ROLES) {
          const decided = decideUpdate(team(target, 2), { user: 'alice', role: actor }, { role });
          const manages = actor === 'owner' || (actor === 'admin' && target !== 'owner');
          const grants = actor === 'owner' || role !== 'owner';
          const expected = !manages
            ? 'denied'
            : role === target
              ? 'unchanged'
              : grants
                ? 'changed'
                : 'denied';
          expect(`${actor} ${target} ${role} ${kindOf(decided)}`).toBe(
            `${actor} ${target} ${role} ${expected}`,
          );
        }
        const removal = decideRemoval(team(target, 2), { user: 'alice', role: actor });
        expect(removal.kind === 'removed').toBe(mayManage(actor, target));
      }
    }
  });

  test('[AU1.3] granting follows the roles: nobody hands out what is above them', () => {
    const order = new Map(MEMBER_ROLES.map((role, rank) => [role, rank]));
    for (const granter of MEMBER_ROLES) {
      for (const role of MEMBER_ROLES) {
        expect(mayGrant(granter, role)).toBe((order.get(role) ?? 0) <= (order.get(granter) ?? 0));
      }
      expect(mayGrant(granter, 'node')).toBe(granter === 'admin' || granter === 'owner');
      expect(mayGrant('node', granter)).toBe(false);
    }
  });
});

test('[AU1.3] somebody unknown is not found, whoever asks', () => {
  const state: TeamState = { target: undefined, owners: 1 };
  expect(kindOf(decideUpdate(state, { user: 'alice', role: 'owner' }, { role: 'viewer' }))).toBe('not_found');
  expect(kindOf(decideRemoval(state, { user: 'alice', role: 'owner' }))).toBe('not_found');
});
