// Whether whoever asked for an Apply may still apply: what auth says today, not what a token said when the request came in.
import { type Problem, problem } from '@hakiri/contracts/problem';
import { ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import { GetStanding } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import { causeOf, type RequestRow } from './store-rows.ts';

export type Checked =
  | { kind: 'may'; row: RequestRow }
  | { kind: 'may_not'; problem: Problem }
  | { kind: 'away' };
export type Authors = ReturnType<typeof createAuthors>;

export function createAuthors(deps: { messaging: Messaging; limits: { pageTimeoutMs: number } }) {
  const { messaging, limits } = deps;

  /** Null when auth knows nobody of that name in the team any more. @throws BusError */
  async function roleOf(row: RequestRow): Promise<TokenRole | null> {
    const { team, author: user } = row;
    const cause = causeOf(row, row.id);
    const { role } = await messaging.request(GetStanding, { team }, cause, { user }, limits.pageTimeoutMs);
    return role;
  }

  return {
    roleOf,

    /**
     * Of a request that goes on after a wait; one that never waited was authorised just now. With the row comes the role of
     * today, so that nobody overrides a freeze with one that they had.
     */
    check: async (row: RequestRow): Promise<Checked> => {
      if (row.kind !== 'apply' || row.wokenAtMs === null) return { kind: 'may', row };
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
  return role !== null && ROLE_ACTIONS[role].some((action) => action === 'manifest.apply');
}

export function authorDenied(author: string): Problem {
  return problem(
    'author_denied',
    `${author} may not apply any more, so nothing was published. Somebody who may can apply it in their own name.`,
  );
}
