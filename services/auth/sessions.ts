// Signing in with a one-time code, staying signed in with a refresh token, signing out.

import type { Principal } from '@hakiri/authz/principal';
import type { AuditRecord, Session } from '@hakiri/contracts/auth';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import { createSealing } from '@hakiri/service/sealing';
import type { Clock } from '@hakiri/substrate/clock';
import type { Orm, Statement } from '@hakiri/substrate/libsql/database';
import type { Random } from '@hakiri/substrate/random';
import { type Loss, loseAccess, NOTHING_LOST } from './access-loss.ts';
import { ownSession, userActor } from './acting.ts';
import type { AuthConfig } from './config.ts';
import { type Change, done, type Ledger, unlessRefused } from './ledger.ts';
import { type MemberState, type Refusal, refuse } from './membership.ts';
import { hashSecret, sameSecret } from './secret.ts';
import type { SessionMaker } from './session-maker.ts';
import { badCode, decideRedemption, decideRefresh } from './sign-in.ts';
import {
  countMembers,
  deleteLink,
  findLink,
  findMember,
  hasTeam,
  insertMember,
  insertTeam,
  type LinkRow,
  updateMember,
} from './store-members.ts';
import { findRefreshToken, findSession, markUsed } from './store-sessions.ts';

const OWNER_USER = 'owner';
const SUCCESSOR = 'refresh token';
const BY_OWNER_CODE = 'owner code';

type SignedIn = { kind: 'signed_in'; session: Session } | Refusal;

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(deps: {
  ledger: Ledger;
  maker: SessionMaker;
  config: AuthConfig;
  clock: Clock;
  random: Random;
}) {
  const { ledger, maker, config, clock, random } = deps;
  let ownerCode = config.ownerCode;

  /** Whoever starts this process owns it: the user `owner` is an owner afterwards, whatever others made of them. */
  async function redeemOwnerCode(): Promise<SignedIn> {
    return ledger.change(
      DEFAULT_TEAM,
      userActor(OWNER_USER),
      async (orm, nowMs): Promise<Change<SignedIn>> => {
        // Asked again here, where nobody else redeems: it works once.
        if (ownerCode === undefined) return { outcome: badCode() };
        const restored = await restoreOwner(orm, nowMs);
        const signedIn = await signIn(
          orm,
          DEFAULT_TEAM,
          restored.owner,
          BY_OWNER_CODE,
          restored.statements,
          nowMs,
        );
        ownerCode = undefined;
        return {
          ...signedIn,
          revoked: [...restored.revoked, ...(signedIn.revoked ?? [])],
          audit: [...restored.audit, ...(signedIn.audit ?? [])],
          ...(restored.audit.length > 0 ? { member: restored.owner } : {}),
        };
      },
    );
  }

  async function redeemLink(found: LinkRow, name: string | undefined): Promise<SignedIn> {
    const { team, codeHash } = found;
    const user = found.user ?? random.ulid(clock.now());
    return ledger.change(team, userActor(user), async (orm, nowMs): Promise<Change<SignedIn>> => {
      const link = await findLink(orm, codeHash);
      const members = await countMembers(orm, team);
      const decided = decideRedemption(link, name, members, config.membersLimit, nowMs);
      if (decided.kind === 'refused') return { outcome: decided };
      const used = deleteLink(orm, codeHash);
      if (decided.kind === 'returning') {
        const member = await findMember(orm, team, decided.user);
        return member ? signIn(orm, team, member, 'link', [used], nowMs) : { outcome: badCode() };
      }
      const member: MemberState = { user, name: decided.name, role: decided.role };
      const joins = insertMember(orm, { ...member, team, sinceMs: nowMs });
      const change = await signIn(orm, team, member, 'invitation', [used, joins], nowMs);
      const detail = { name: member.name, role: member.role, invitedBy: found.createdBy };
      return { ...change, audit: [done('member.join', user, detail), ...(change.audit ?? [])], member };
    });
  }

  async function signIn(
    orm: Orm,
    team: string,
    member: MemberState,
    by: string,
    statements: Statement[],
    nowMs: number,
  ): Promise<Change<SignedIn>> {
    const issued = await maker.begin(orm, team, member, nowMs);
    const detail = { by, role: member.role };
    return {
      outcome: { kind: 'signed_in', session: issued.session },
      statements: [...statements, ...issued.statements],
      revoked: issued.revoked,
      audit: [done('session.begin', member.user, detail)],
    };
  }

  return {
    /** @throws ProblemError `unauthenticated` for a code that is not good (any more) */
    async redeem(code: string, name: string | undefined): Promise<Session> {
      if (ownerCode !== undefined && sameSecret(code, ownerCode)) {
        return unlessRefused(await redeemOwnerCode()).session;
      }
      const link = await findLink(ledger.orm, hashSecret(code));
      return unlessRefused(link ? await redeemLink(link, name) : badCode()).session;
    },

    /** @throws ProblemError `unauthenticated` | `token_expired` | `token_revoked` (used before: the session has ended) */
    async refresh(refreshToken: string, client: string): Promise<Session> {
      const hash = hashSecret(refreshToken);
      const sealing = createSealing(refreshToken);
      const usedBy = hashSecret(client);
      const found = await findRefreshToken(ledger.orm, hash);
      const session = found && (await findSession(ledger.orm, found.session));
      if (!session) throw new ProblemError('unauthenticated', 'The session has ended. Sign in again.');
      const { team, user } = session;
      const outcome = await ledger.change(
        team,
        userActor(user),
        async (orm, nowMs): Promise<Change<SignedIn>> => {
          const token = await findRefreshToken(orm, hash);
          const successor = token?.successor ? sealing.open(token.successor, SUCCESSOR) : undefined;
          const next =
            successor === undefined ? undefined : await findRefreshToken(orm, hashSecret(successor));
          const decided = decideRefresh(token, usedBy, next?.usedAtMs === null, nowMs);
          if (decided.kind === 'refused') return { outcome: decided };
          if (decided.kind === 'reused') return endReused(orm, decided.session, user, nowMs);
          const member = await findMember(orm, team, user);
          if (!member)
            return { outcome: refuse('token_revoked', 'You are no member of this team any more.') };
          const known = decided.kind === 'repeated' ? successor : undefined;
          const issued = await maker.renew(orm, team, member, decided.session, nowMs, known);
          const exchanged = {
            usedAtMs: nowMs,
            usedBy,
            successor: sealing.seal(issued.session.refreshToken, SUCCESSOR),
          };
          const used = known === undefined ? [markUsed(orm, hash, exchanged)] : [];
          const statements = [...used, ...issued.statements];
          return { outcome: { kind: 'signed_in', session: issued.session }, statements };
        },
      );
      return unlessRefused(outcome).session;
    },

    /** Ends the session that the token belongs to. @throws ProblemError `denied` for a token of no session */
    async logout(principal: Principal): Promise<void> {
      const { team, user } = principal;
      const outcome = await ledger.change(
        team,
        userActor(user),
        async (orm, nowMs): Promise<Change<Refusal | { kind: 'ended' }>> => {
          const id = await ownSession(orm, principal);
          if (id === undefined)
            return { outcome: refuse('denied', 'Only a session of your own can be ended.') };
          const ended = await maker.end(orm, [id], nowMs);
          return { outcome: { kind: 'ended' }, ...ended, audit: [done('session.end', user, {})] };
        },
      );
      unlessRefused(outcome);
    },
  };

  async function endReused(orm: Orm, session: string, user: string, nowMs: number): Promise<Change<Refusal>> {
    const ended = await maker.end(orm, [session], nowMs);
    const detail = { reason: 'a refresh token was used twice' };
    const outcome = refuse(
      'token_revoked',
      'This refresh token was used before, so the session has ended. Sign in again.',
    );
    return {
      outcome,
      ...ended,
      audit: [{ action: 'session.refresh', outcome: 'refused', target: user, detail }],
    };
  }
}

/** What makes the user `owner` an owner of the first team: nothing, a place in it, or their role back. */
async function restoreOwner(
  orm: Orm,
  nowMs: number,
): Promise<Loss & { owner: MemberState; audit: AuditRecord[] }> {
  const by = BY_OWNER_CODE;
  const found = await findMember(orm, DEFAULT_TEAM, OWNER_USER);
  if (!found) {
    const owner: MemberState = { user: OWNER_USER, name: 'Owner', role: 'owner' };
    const joins = insertMember(orm, { ...owner, team: DEFAULT_TEAM, sinceMs: nowMs });
    const isNew = !(await hasTeam(orm, DEFAULT_TEAM));
    return {
      owner,
      statements: isNew ? [insertTeam(orm, DEFAULT_TEAM, nowMs), joins] : [joins],
      revoked: [],
      audit: [done('member.join', OWNER_USER, { by, name: owner.name, role: owner.role })],
    };
  }
  const before: MemberState = { user: OWNER_USER, name: found.name, role: found.role };
  if (before.role === 'owner') return { ...NOTHING_LOST, owner: before, audit: [] };
  const owner: MemberState = { ...before, role: 'owner' };
  const lost = await loseAccess(orm, DEFAULT_TEAM, OWNER_USER, owner.role, nowMs);
  return {
    owner,
    statements: [updateMember(orm, DEFAULT_TEAM, owner), ...lost.statements],
    revoked: lost.revoked,
    audit: [done('member.update', OWNER_USER, { by, before, after: owner })],
  };
}
