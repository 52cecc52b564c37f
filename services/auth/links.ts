// Ways into a team: one-time links for somebody new or for a further sign-in, and new teams.
import type { Principal } from '@hakiri/authz/principal';
import type { Link, LinkBody, LinkInfo, Session } from '@hakiri/contracts/auth';
import type { TokenRole } from '@hakiri/contracts/roles';
import type { Random } from '@hakiri/substrate/random';
import { act, NOT_ISSUING, ownSession } from './acting.ts';
import type { AuthConfig } from './config.ts';
import { done, type Ledger, refused } from './ledger.ts';
import { type MemberState, refuse } from './membership.ts';
import { hasRight, mayGrant } from './rights.ts';
import { hashSecret, newSecret } from './secret.ts';
import type { SessionMaker } from './session-maker.ts';
import {
  countLinks,
  countTeams,
  deleteLink,
  findLink,
  findMember,
  hasTeam,
  insertLink,
  insertMember,
  insertTeam,
  listInvitations,
} from './store-members.ts';

export type Links = ReturnType<typeof createLinks>;

export function createLinks(deps: {
  ledger: Ledger;
  maker: SessionMaker;
  config: AuthConfig;
  random: Random;
}) {
  const { ledger, maker, config, random } = deps;

  return {
    /** A code for somebody new, or for a further sign-in of the caller. @throws ProblemError `denied` | `conflict` */
    async create(principal: Principal, body: LinkBody): Promise<Link> {
      const { team } = principal;
      const code = newSecret(random);
      const created = await act(ledger, principal, async (orm, nowMs, acting) => {
        if (!(await ownSession(orm, principal)))
          return refused(refuse('denied', NOT_ISSUING), 'link.create', body.kind, {});
        const member = await findMember(orm, team, acting.user);
        const wanted = body.kind === 'invite' ? body : member;
        if (!wanted || !mayInvite(acting.role, body)) {
          const refusal = refuse('denied', `As ${acting.role} you may not invite with this role.`);
          return refused(refusal, 'link.create', body.kind, { body });
        }
        if ((await countLinks(orm, team, nowMs)) >= config.linksLimit) {
          const detail = `${config.linksLimit} links wait to be redeemed. Let some expire first.`;
          return { outcome: refuse('conflict', detail) };
        }
        const expiresAtMs = nowMs + (body.kind === 'invite' ? config.inviteTtlMs : config.selfLinkTtlMs);
        const { name = '', role } = wanted;
        const user = body.kind === 'self' ? acting.user : null;
        const row = {
          codeHash: hashSecret(code),
          team,
          user,
          name,
          role,
          createdBy: acting.user,
          expiresAtMs,
        };
        const link = { code, expiresAt: new Date(expiresAtMs).toISOString() };
        return {
          outcome: { kind: 'created' as const, link },
          statements: [insertLink(orm, row)],
          audit: [done('link.create', body.kind, { ...(name === '' ? {} : { name }), role })],
        };
      });
      return created.link;
    },

    /** The invitations that wait. The code of a link has 256 bits, so that its hash may be its name. */
    async invitations(team: string, nowMs: number): Promise<LinkInfo[]> {
      const rows = await listInvitations(ledger.orm, team, nowMs);
      return rows.map(({ codeHash, name, role, createdBy, expiresAtMs }) => ({
        id: codeHash,
        ...(name === '' ? {} : { name }),
        role,
        createdBy,
        expiresAt: new Date(expiresAtMs).toISOString(),
      }));
    },

    /** From now on its link leads nowhere. @throws ProblemError `not_found` | `denied` */
    async revoke(principal: Principal, id: string): Promise<void> {
      const { team } = principal;
      await act(ledger, principal, async (orm, nowMs, acting) => {
        const row = await findLink(orm, id);
        if (row?.team !== team || row.user !== null || row.expiresAtMs <= nowMs) {
          const detail = 'No such invitation waits: it was used, was taken back or has expired.';
          return { outcome: refuse('not_found', detail) };
        }
        const { name, role } = row;
        if (!mayInvite(acting.role, { kind: 'invite', role })) {
          const refusal = refuse(
            'denied',
            `As ${acting.role} you may not take back an invitation with this role.`,
          );
          return refused(refusal, 'link.revoke', 'invite', { name, role });
        }
        return {
          outcome: { kind: 'revoked' as const },
          statements: [deleteLink(orm, id)],
          audit: [done('link.revoke', 'invite', { name, role })],
        };
      });
    },

    /** A new team with the caller as its owner, and a session in it. @throws ProblemError `denied` | `conflict` */
    async createTeam(principal: Principal, team: string): Promise<Session> {
      const { user } = principal;
      const created = await act(
        ledger,
        principal,
        async (orm, nowMs, acting) => {
          if (!(await ownSession(orm, principal)) || !hasRight(acting.role, 'owner.manage'))
            return { outcome: refuse('denied', 'Only an owner, signed in as a person, makes teams.') };
          if (await hasTeam(orm, team)) return { outcome: refuse('conflict', `The team "${team}" exists.`) };
          if ((await countTeams(orm)) >= config.teamsLimit)
            return { outcome: refuse('conflict', `There are ${config.teamsLimit} teams: no more fit here.`) };
          const member: MemberState = { user, name: principal.name, role: 'owner' };
          const issued = await maker.begin(orm, team, member, nowMs);
          const rows = [insertTeam(orm, team, nowMs), insertMember(orm, { ...member, team, sinceMs: nowMs })];
          return {
            outcome: { kind: 'created' as const, session: issued.session },
            statements: [...rows, ...issued.statements],
            revoked: issued.revoked,
            audit: [done('team.create', team, { owner: user, from: principal.team })],
          };
        },
        team,
      );
      return created.session;
    },
  };
}

function mayInvite(role: TokenRole, body: LinkBody): boolean {
  return body.kind === 'self' || (hasRight(role, 'team.manage') && mayGrant(role, body.role));
}
