// Long-lived tokens for programs and nodes: made, listed, revoked. The token itself is shown once and never kept.

import type { Principal } from '@hakiri/authz/principal';
import { AttenuationError, attenuate } from '@hakiri/authz/token';
import type { IssuedToken, KeySet, TokenBody, TokenInfo } from '@hakiri/contracts/auth';
import { ProblemError } from '@hakiri/contracts/problem';
import { PIPELINE_ACTIONS, ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import type { Random } from '@hakiri/substrate/random';
import { act, NOT_ISSUING, ownSession, tokenUser } from './acting.ts';
import type { AuthConfig } from './config.ts';
import { publishedKeys, signToken } from './keys.ts';
import { done, type Ledger, refused } from './ledger.ts';
import { refuse } from './membership.ts';
import { mayGrant } from './rights.ts';
import {
  countTokens,
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
    async create(principal: Principal, { name, role, ttlDays, pipelines }: TokenBody): Promise<IssuedToken> {
      const { team } = principal;
      const created = await act(ledger, principal, async (orm, nowMs, acting) => {
        if (!(await ownSession(orm, principal)))
          return refused(refuse('denied', NOT_ISSUING), 'token.create', name, { role });
        if (!mayGrant(acting.role, role)) {
          const detail = `As ${acting.role} you may not make a token with the role ${role}.`;
          return refused(refuse('denied', detail), 'token.create', name, { role });
        }
        if (pipelines && !worksOnPipelines(role)) {
          const detail = `A token of role ${role} does nothing on single pipelines. Make it without \`pipelines\`.`;
          return { outcome: refuse('malformed', detail) };
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
          pipelines: pipelines ?? null,
        };
        const token = pipelines
          ? narrowed(minted.token, await publishedKeys(orm, nowMs), pipelines)
          : minted.token;
        return {
          outcome: { kind: 'created' as const, issued: { info: describeToken(row), token } },
          statements: [insertToken(orm, row)],
          audit: [done('token.create', id, { name, role, ttlDays, ...(pipelines ? { pipelines } : {}) })],
        };
      });
      return created.issued;
    },

    /** Revoking twice is fine. @throws ProblemError `not_found` | `denied` */
    async revoke(principal: Principal, id: string): Promise<void> {
      await act(ledger, principal, async (orm, nowMs, acting) => {
        const row = await findToken(orm, principal.team, id);
        if (!row) return { outcome: refuse('not_found', 'The team has no token with that id.') };
        const { name, role } = row;
        if (!mayGrant(acting.role, role)) {
          const detail = `As ${acting.role} you may not revoke a token of role ${role}.`;
          return refused(refuse('denied', detail), 'token.revoke', id, { name, role });
        }
        const outcome = { kind: 'revoked' as const };
        if (row.revokedAtMs !== null) return { outcome };
        return {
          outcome,
          statements: [markRevoked(orm, id, nowMs)],
          revoked: [{ id: row.revocationId, untilMs: row.expiresAtMs }],
          audit: [done('token.revoke', id, { name, role })],
        };
      });
    },
  };
}

function worksOnPipelines(role: TokenRole): boolean {
  return ROLE_ACTIONS[role].some((action) => PIPELINE_ACTIONS.some((one) => one === action));
}

function narrowed(token: string, keys: KeySet, pipelines: readonly string[]): string {
  try {
    return attenuate(token, keys, { pipelines });
  } catch (error) {
    if (error instanceof AttenuationError)
      throw new ProblemError('too_large', `${error.message} Name fewer.`);
    throw error;
  }
}

function describeToken(row: TokenRow): TokenInfo {
  const { id, name, role, createdBy, revokedAtMs, pipelines } = row;
  return {
    id,
    name,
    role,
    createdBy,
    createdAt: new Date(row.createdAtMs).toISOString(),
    expiresAt: new Date(row.expiresAtMs).toISOString(),
    ...(revokedAtMs === null ? {} : { revokedAt: new Date(revokedAtMs).toISOString() }),
    ...(pipelines === null ? {} : { pipelines }),
  };
}
