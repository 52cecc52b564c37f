// Long-lived tokens for programs and nodes: made, listed, revoked. The token itself is shown once and never kept.
import type { Principal } from '@hakiri/authz/principal';
import type { IssuedToken, TokenBody, TokenInfo } from '@hakiri/contracts/auth';
import type { Random } from '@hakiri/substrate/random';
import { actingOf, issuingOf, NOT_ACTING, NOT_ISSUING, tokenUser } from './acting.ts';
import type { AuthConfig } from './config.ts';
import { signToken } from './keys.ts';
import { type Change, done, type Ledger, refused, unlessRefused } from './ledger.ts';
import { type Refusal, refuse } from './membership.ts';
import { mayGrant } from './rights.ts';
import { userActor } from './sessions.ts';
import {
  countTokens,
  deleteExpiredTokens,
  findToken,
  insertToken,
  listTokens,
  markRevoked,
  type TokenRow,
} from './store-tokens.ts';

const DAY_MS = 24 * 60 * 60_000;

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(deps: { ledger: Ledger; config: AuthConfig; random: Random }) {
  const { ledger, config, random } = deps;

  return {
    async list(team: string, nowMs: number): Promise<TokenInfo[]> {
      return (await listTokens(ledger.orm, team, nowMs)).map(describeToken);
    },

    /** @throws ProblemError `denied` | `conflict` */
    async create(principal: Principal, { name, role, ttlDays }: TokenBody): Promise<IssuedToken> {
      const { team } = principal;
      type Outcome = Refusal | { kind: 'created'; issued: IssuedToken };
      const outcome = await ledger.change(
        team,
        userActor(principal.user),
        async (orm, nowMs): Promise<Change<Outcome>> => {
          const acting = await issuingOf(orm, principal);
          if (!acting) return refused(refuse('denied', NOT_ISSUING), 'token.create', name, { role });
          if (!mayGrant(acting.role, role)) {
            const refusal = refuse(
              'denied',
              `As ${acting.role} you may not make a token with the role ${role}.`,
            );
            return refused(refusal, 'token.create', name, { role });
          }
          if ((await countTokens(orm, team, nowMs)) >= config.tokensLimit) {
            const detail = `The team has ${config.tokensLimit} tokens. Let some expire first.`;
            return { outcome: refuse('conflict', detail) };
          }
          const id = random.ulid(nowMs);
          const facts = { user: tokenUser(id), name, team, role, issuedAtMs: nowMs };
          const minted = await signToken(orm, { ...facts, expiresAtMs: nowMs + ttlDays * DAY_MS });
          const row: TokenRow = {
            id,
            team,
            name,
            role,
            createdBy: acting.user,
            createdAtMs: nowMs,
            expiresAtMs: minted.expiresAtMs,
            revokedAtMs: null,
            revocationId: minted.revocationId,
          };
          return {
            outcome: { kind: 'created', issued: { info: describeToken(row), token: minted.token } },
            statements: [...deleteExpiredTokens(orm, nowMs), insertToken(orm, row)],
            audit: [done('token.create', id, { name, role, ttlDays })],
          };
        },
      );
      return unlessRefused(outcome).issued;
    },

    /** Revoking twice is fine. @throws ProblemError `not_found` | `denied` */
    async revoke(principal: Principal, id: string): Promise<void> {
      const { team } = principal;
      type Outcome = Refusal | { kind: 'revoked' };
      const outcome = await ledger.change(
        team,
        userActor(principal.user),
        async (orm, nowMs): Promise<Change<Outcome>> => {
          const acting = await actingOf(orm, principal);
          if (!acting) return { outcome: refuse('token_revoked', NOT_ACTING) };
          const row = await findToken(orm, team, id);
          if (!row) return { outcome: refuse('not_found', 'The team has no token with that id.') };
          if (!mayGrant(acting.role, row.role)) {
            const refusal = refuse(
              'denied',
              `As ${acting.role} you may not revoke a token of role ${row.role}.`,
            );
            return refused(refusal, 'token.revoke', id, { name: row.name, role: row.role });
          }
          if (row.revokedAtMs !== null) return { outcome: { kind: 'revoked' } };
          return {
            outcome: { kind: 'revoked' },
            statements: [markRevoked(orm, id, nowMs)],
            revoked: [{ id: row.revocationId, untilMs: row.expiresAtMs }],
            audit: [done('token.revoke', id, { name: row.name, role: row.role })],
          };
        },
      );
      unlessRefused(outcome);
    },
  };
}

function describeToken(row: TokenRow): TokenInfo {
  const { id, name, role, createdBy, revokedAtMs } = row;
  return {
    id,
    name,
    role,
    createdBy,
    createdAt: new Date(row.createdAtMs).toISOString(),
    expiresAt: new Date(row.expiresAtMs).toISOString(),
    ...(revokedAtMs === null ? {} : { revokedAt: new Date(revokedAtMs).toISOString() }),
  };
}
