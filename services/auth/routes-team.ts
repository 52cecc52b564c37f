// The team over HTTP: members, links, teams, tokens, keys and the audit log. Who asks is settled before what they ask is read.
import {
  AuditCheck,
  AuditPage,
  IssuedToken,
  KeySet,
  Link,
  LinkBody,
  LinkList,
  Member,
  MemberList,
  MemberPatch,
  SeenRole,
  Session,
  TeamBody,
  TokenBody,
  TokenList,
} from '@hakiri/contracts/auth';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import type { Guard } from '@hakiri/service/guard';
import type { Clock } from '@hakiri/substrate/clock';
import { Type } from '@sinclair/typebox';
import { Elysia, t } from 'elysia';
import type { AuditLog } from './audit-log.ts';
import type { Links } from './links.ts';
import type { Members } from './members.ts';
import type { Tokens } from './tokens.ts';

export type TeamRoutesDeps = {
  guard: Guard;
  clock: Clock;
  members: Members;
  links: Links;
  tokens: Tokens;
  auditLog: AuditLog;
  rotateKey(user: string): Promise<KeySet>;
};

const WithUser = Type.Object({ user: Type.String({ maxLength: 100 }) });
const WithId = Type.Object({ id: Type.String({ maxLength: 100 }) });
const AUDIT_PAGE_ENTRIES = 100;
const AUDIT_PAGE_LIMIT_ENTRIES = 500;
// Query texts become numbers only through Elysia's own schema types.
const AuditQuery = t.Object({
  after: t.Optional(t.Integer({ minimum: 0 })),
  newest: t.Optional(t.Boolean({ description: 'the last `limit` entries, instead of those behind `after`' })),
  limit: t.Optional(t.Integer({ minimum: 1, maximum: AUDIT_PAGE_LIMIT_ENTRIES })),
});

export function teamRoutes(deps: TeamRoutesDeps) {
  return new Elysia({ name: 'auth-team', prefix: '/v1/auth', tags: ['team'] })
    .derive(async ({ request }) => ({ signedIn: await deps.guard.identify(request) }))
    .use(memberRoutes(deps))
    .use(tokenRoutes(deps))
    .use(auditRoutes(deps));
}

function memberRoutes({ guard, clock, members, links }: TeamRoutesDeps) {
  return new Elysia({ name: 'auth-members' })
    .get(
      '/members',
      async ({ request }) => {
        const { team } = await guard.require(request, { action: 'team.read' });
        return { members: await members.list(team) };
      },
      { response: MemberList, detail: { summary: 'The members of the team' } },
    )
    .patch(
      '/members/:user',
      async ({ request, params, body: { was, wasName, ...patch } }) => {
        const principal = await guard.require(request, { action: 'team.manage' });
        return members.update(principal, params.user, patch, { role: was, name: wasName });
      },
      {
        params: WithUser,
        body: MemberPatch,
        response: Member,
        detail: { summary: "Change a member's role or name" },
      },
    )
    .delete(
      '/members/:user',
      async ({ request, params, query, set }) => {
        const principal = await guard.require(request, { action: 'team.manage' });
        await members.remove(principal, params.user, { role: query.was });
        set.status = 204;
      },
      { params: WithUser, query: SeenRole, detail: { summary: 'Remove a member' } },
    )
    .get(
      '/links',
      async ({ request }) => {
        const { team } = await guard.require(request, { action: 'team.manage' });
        return { links: await links.invitations(team, clock.now()) };
      },
      { response: LinkList, detail: { summary: 'The invitations that wait' } },
    )
    .delete(
      '/links/:id',
      async ({ request, params, set }) => {
        await links.revoke(await guard.require(request, { action: 'team.manage' }), params.id);
        set.status = 204;
      },
      { params: WithId, detail: { summary: 'Take an invitation back' } },
    )
    .post(
      '/links',
      async ({ request, body }) => {
        // Everybody may sign in a second time; inviting is for those who manage the team.
        const principal =
          body.kind === 'self'
            ? await guard.identify(request)
            : await guard.require(request, { action: 'team.manage' });
        return links.create(principal, body);
      },
      { body: LinkBody, response: Link, detail: { summary: 'Make a one-time link' } },
    )
    .post(
      '/teams',
      async ({ request, body }) =>
        links.createTeam(await guard.require(request, { action: 'owner.manage' }), body.team),
      { body: TeamBody, response: Session, detail: { summary: 'Make a team and sign in to it' } },
    );
}

function tokenRoutes({ guard, clock, tokens, rotateKey }: TeamRoutesDeps) {
  return new Elysia({ name: 'auth-tokens' })
    .get(
      '/tokens',
      async ({ request }) => {
        const { team } = await guard.require(request, { action: 'tokens.manage' });
        return { tokens: await tokens.list(team, clock.now()) };
      },
      { response: TokenList, detail: { summary: "The tokens of the team's programs and nodes" } },
    )
    .post(
      '/tokens',
      async ({ request, body }) =>
        tokens.create(await guard.require(request, { action: 'tokens.manage' }), body),
      { body: TokenBody, response: IssuedToken, detail: { summary: 'Make a token for a program or a node' } },
    )
    .delete(
      '/tokens/:id',
      async ({ request, params, set }) => {
        await tokens.revoke(await guard.require(request, { action: 'tokens.manage' }), params.id);
        set.status = 204;
      },
      { params: WithId, detail: { summary: 'Revoke a token' } },
    )
    .post(
      '/keys/rotate',
      async ({ request }) => {
        // The keys sign for every team; the owners of the first team run the installation.
        const access = { action: 'owner.manage', team: DEFAULT_TEAM } as const;
        return rotateKey((await guard.require(request, access)).user);
      },
      { response: KeySet, detail: { summary: 'Sign with a new key from now on' } },
    );
}

function auditRoutes({ guard, auditLog }: TeamRoutesDeps) {
  return new Elysia({ name: 'auth-audit' })
    .get(
      '/audit',
      async ({ request, query }) => {
        const { team } = await guard.require(request, { action: 'audit.read' });
        const limit = query.limit ?? AUDIT_PAGE_ENTRIES;
        return query.newest ? auditLog.newest(team, limit) : auditLog.page(team, query.after ?? 0, limit);
      },
      { query: AuditQuery, response: AuditPage, detail: { summary: 'The audit log, oldest first' } },
    )
    .get(
      '/audit/verify',
      async ({ request }) => {
        const { team } = await guard.require(request, { action: 'audit.read' });
        return auditLog.check(team);
      },
      { response: AuditCheck, detail: { summary: "Recompute the audit log's chain" } },
    );
}
