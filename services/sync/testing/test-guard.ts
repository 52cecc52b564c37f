// A guard whose tokens say who one is, and that a test tells what has changed.
import type { Principal } from '@hakiri/authz/principal';
import { ProblemError } from '@hakiri/contracts/problem';
import { ROLE_ACTIONS, type TokenRole } from '@hakiri/contracts/roles';
import type { AccessChange } from '@hakiri/service/auth-feed';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';

export type TestGuard = Guard & {
  /** Tells open sockets to ask again. */
  changed(change?: AccessChange): void;
  roles: Map<string, TokenRole>;
  revoked: Set<string>;
  expiresAtMs: Map<string, number>;
  /** Auth cannot be reached for too long. */
  isLost: boolean;
};

/** A token is `<user>` or `<user>@<team>`; everybody is an editor unless `roles` says otherwise. */
export function createTestGuard(now: () => number): TestGuard {
  const handlers = new Set<(change: AccessChange) => void>();
  const roles = new Map<string, TokenRole>();
  const revoked = new Set<string>();
  const expiresAtMs = new Map<string, number>();
  const authorize: Guard['authorize'] = async (token, access) => {
    const [user = '', team = 'default'] = (token ?? '').split('@');
    if (user === '') return { kind: 'denied', code: 'unauthenticated', detail: 'no token' };
    const role = roles.get(user) ?? 'editor';
    const expires = expiresAtMs.get(token ?? '') ?? now() + 3_600_000;
    const name = user.charAt(0).toUpperCase() + user.slice(1);
    const principal: Principal = { user, name, team, role, expiresAtMs: expires, revocationIds: [] };
    if (revoked.has(user)) return { kind: 'denied', code: 'token_revoked', detail: 'revoked', principal };
    if (expires <= now()) return { kind: 'denied', code: 'token_expired', detail: 'expired', principal };
    if (!(ROLE_ACTIONS[role] as readonly string[]).includes(access.action) || (access.team ?? team) !== team)
      return { kind: 'denied', code: 'denied', detail: `${role} may not`, principal };
    return { kind: 'allowed', principal };
  };
  const require: Guard['require'] = async (request, access) => {
    const decision = await authorize(bearerToken(request), access);
    if (decision.kind === 'denied') throw new ProblemError(decision.code, decision.detail);
    return decision.principal;
  };
  const guard: TestGuard = {
    authorize,
    require,
    identify: (request) => require(request, { action: 'doc.read' }),
    recordRefusal: () => {},
    onChange: (handler) => {
      handlers.add(handler);
      return { close: async () => void handlers.delete(handler) };
    },
    start: async () => {},
    notReady: () => undefined,
    stop: async () => {},
    changed: (change = {}) => {
      for (const handler of handlers) handler(change);
    },
    roles,
    revoked,
    expiresAtMs,
    confirmed: async () => !guard.isLost,
    isLost: false,
  };
  return guard;
}
