// Who asked for an Apply, and who agreed to it, as auth knows them today, not as a token said when they did: what they may do, and
// which person it is, as a program is its maker in other clothes.
import type { Standing } from '@hakiri/contracts/auth';
import { type Problem, problem } from '@hakiri/contracts/problem';
import { type Action, ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import { GetStanding } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { Given } from '../policy/policy.ts';
import { causeOf, type RequestRow } from '../store/store-rows.ts';

/** A program's token is its maker's in other clothes. */
export const PROGRAM_USER = /^token-/;

type Checked = { kind: 'may'; row: RequestRow } | { kind: 'may_not'; problem: Problem } | { kind: 'away' };
export type Authors = ReturnType<typeof createAuthors>;

export function createAuthors(deps: {
  messaging: Messaging;
  clock: Clock;
  limits: { pageTimeoutMs: number };
}) {
  const { messaging, clock, limits } = deps;

  /** @throws BusError */
  function standingOf(row: RequestRow, user: string): Promise<Standing> {
    const cause = causeOf(row, row.id);
    return messaging.request(GetStanding, { team: row.team }, cause, { user }, limits.pageTimeoutMs);
  }

  /** Null when auth knows nobody of that name in the team any more. @throws BusError */
  async function roleOf(row: RequestRow): Promise<TokenRole | null> {
    return (await standingOf(row, row.author)).role;
  }

  return {
    roleOf,

    /** Undefined when nobody knows who made that token. @throws BusError */
    personOf: async (row: RequestRow): Promise<string | undefined> =>
      PROGRAM_USER.test(row.author) ? (await standingOf(row, row.author)).person : row.author,

    /** Those of them who may still approve, with the role of today. @throws BusError */
    stillApproving: async (row: RequestRow, users: readonly string[]): Promise<Given[]> => {
      const found = await Promise.all(
        users.map(async (user) => ({ user, role: (await standingOf(row, user)).role })),
      );
      return found.flatMap(({ user, role }) =>
        role !== null && may(role, 'manifest.approve') ? [{ user, role }] : [],
      );
    },

    /**
     * Of a request that goes on after a wait; one that never waited was authorised just now. With the row comes the role of
     * today, so that nobody overrides a freeze with one that they had.
     */
    check: async (row: RequestRow): Promise<Checked> => {
      if (row.kind !== 'apply' || row.wokenAtMs === null) return { kind: 'may', row };
      if (row.untilMs !== null && clock.now() >= row.untilMs)
        return { kind: 'may_not', problem: tokenOver(row.author, row.untilMs) };
      try {
        const role = await roleOf(row);
        return mayApply(role)
          ? { kind: 'may', row: { ...row, authorRole: role } }
          : { kind: 'may_not', problem: authorDenied(row.author) };
      } catch (error) {
        if (error instanceof BusError) return { kind: 'away' };
        throw error;
      }
    },
  };
}

export function mayApply(role: TokenRole | null): boolean {
  return role !== null && may(role, 'manifest.apply');
}

function may(role: TokenRole, wanted: Action): boolean {
  return ROLE_ACTIONS[role].some((action) => action === wanted);
}

function tokenOver(author: string, untilMs: number): Problem {
  return problem(
    'author_denied',
    `${author} asked for it with a token that was good until ${new Date(untilMs).toISOString()}, so nothing was published. Apply again with one that is good for longer.`,
  );
}

export function authorDenied(author: string): Problem {
  return problem(
    'author_denied',
    `${author} may not apply any more, so nothing was published. Somebody who may can apply it in their own name.`,
  );
}
