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
  /**
   * Open sockets and streams ask again when this fires: some token was revoked, or a member's role changed. Unless `isOpen`
   * says that nothing is, also what an event did not bring is found within a second, and auth's long absence
   * (`confirmed`) fires, too.
   */
  onChange(handler: (change: AccessChange) => void, isOpen?: () => boolean): Subscription;
  /**
   * Whether auth itself said within CONFIRM_WITHIN_MS what is known of keys and revocations here. What stays open for long
   * is not let in, and ends, without: it would outlive a revocation that cannot arrive.
   */
  confirmed(): Promise<boolean>;
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
  const handlers = new Set<{ tell(change: AccessChange): void; isOpen(): boolean }>();
  const feed = createAuthFeed(deps, {
    onChange: notify,
    isWatched: () => [...handlers].some(({ isOpen }) => isOpen()),
  });
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
        handler.tell(change);
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
    return orExpired(sawUnknownKey && (await feed.refreshForUnknownKey()) ? decide(token) : decision);
  }

  /** Of a token that speaks of a former role only the token ends: its holder renews it, as after any other end. */
  function orExpired(decision: Decision): Decision {
    if (decision.kind === 'allowed' || decision.code !== 'token_revoked') return decision;
    if (!feed.isRenewable(decision.principal?.revocationIds ?? [])) return decision;
    return { ...decision, code: 'token_expired', detail: 'The role has changed. Refresh the token.' };
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

    onChange: (tell, isOpen = () => true) => {
      const handler = { tell, isOpen };
      handlers.add(handler);
      return { close: async () => void handlers.delete(handler) };
    },
    confirmed: feed.confirmed,

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
