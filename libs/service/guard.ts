// Asks, for every request of every service, whether its token may do this: verified with auth's public keys alone, refused
// when revoked; refusals that name somebody go to the audit log, as fast as refusals.ts allows.
import { createAuthority } from '@hakiri/authz/authority';
import type { Access, Decision, Principal } from '@hakiri/authz/principal';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Subscription } from '@hakiri/substrate/bus';
import { type AccessChange, type AuthFeedDeps, createAuthFeed } from './auth-feed.ts';
import { bearerToken } from './bearer.ts';
import { errorFields } from './logger.ts';
import { createRefusals } from './refusals.ts';

export interface Guard {
  /** Default deny: no token, no keys yet, or anything unclear is a denial. Writes nothing: it may only be a question. */
  authorize(token: string | undefined, access: Access): Promise<Decision>;
  /** For routes: the bearer token of `request`. @throws ProblemError with the denial, after it was put on record. */
  require(request: Request, access: Access): Promise<Principal>;
  /** For routes that serve whoever is signed in. @throws ProblemError */
  identify(request: Request): Promise<Principal>;
  /** Puts a refused attempt on record, where it was not `require` that refused it. */
  recordRefusal(decision: Decision, access: Access): void;
  /** Open sockets and streams ask again when this fires: some token was revoked, or a member's role changed. */
  onChange(handler: (change: AccessChange) => void): Subscription;
  /** Resolves after the first attempt to reach auth; goes on trying by itself. A second call does nothing. */
  start(): Promise<void>;
  /** Undefined when it has keys and revocations. */
  notReady(): string | undefined;
  stop(): Promise<void>;
}

const NO_TOKEN: Decision = {
  kind: 'denied',
  code: 'unauthenticated',
  detail: 'Send an access token: `Authorization: Bearer <token>`.',
};

export function createGuard(deps: AuthFeedDeps): Guard {
  const { clock, logger } = deps;
  const handlers = new Set<(change: AccessChange) => void>();
  const feed = createAuthFeed(deps, notify);
  const refusals = createRefusals(deps);
  let sawUnknownKey = false;
  const authority = createAuthority({
    keys: feed.keys,
    isRevoked: feed.isRevoked,
    nowMs: clock.now,
    onUnknownKey: () => {
      sawUnknownKey = true;
    },
  });

  function notify(change: AccessChange): void {
    for (const handler of handlers) {
      try {
        handler(change);
      } catch (error) {
        logger.error('guard_handler_failed', errorFields(error));
      }
    }
  }

  /** `decide` is synchronous, so `sawUnknownKey` speaks of this very token. */
  async function ask(token: string | undefined, decide: (token: string) => Decision): Promise<Decision> {
    if (token === undefined) return NO_TOKEN;
    feed.refreshWhenStale();
    sawUnknownKey = false;
    const decision = decide(token);
    return sawUnknownKey && (await feed.refreshForUnknownKey()) ? decide(token) : decision;
  }

  function recordRefusal(decision: Decision, access: Access): void {
    // An expired token is the everyday case of a client that is about to refresh: no attempt at anything.
    if (decision.kind === 'allowed' || !decision.principal || decision.code === 'token_expired') return;
    refusals.record(decision.principal, access, decision.code);
  }

  const authorize = (token: string | undefined, access: Access): Promise<Decision> =>
    ask(token, (text) => authority.decide(text, access));

  return {
    authorize,
    recordRefusal,

    async require(request, access) {
      const decision = await authorize(bearerToken(request), access);
      recordRefusal(decision, access);
      return principalOf(decision);
    },

    async identify(request) {
      return principalOf(await ask(bearerToken(request), authority.identify));
    },

    onChange: (handler) => {
      handlers.add(handler);
      return { close: async () => void handlers.delete(handler) };
    },

    start: feed.start,
    notReady: feed.notReady,
    stop: async () => {
      await feed.stop();
      await refusals.flush();
    },
  };
}

function principalOf(decision: Decision): Principal {
  if (decision.kind === 'denied') throw new ProblemError(decision.code, decision.detail);
  return decision.principal;
}
