// What a service knows of auth: its public keys and what it has revoked. Loaded over the bus at start, after every
// reconnect, when a token names an unknown key, and now and then while tokens are looked at; kept while auth is away.
import type { KeySet, Revocations } from '@hakiri/contracts/auth';
import type { Actor } from '@hakiri/contracts/envelope';
import { DEFAULT_TEAM } from '@hakiri/contracts/names';
import { GetKeys, GetRevocations, MemberChanged, TokensRevoked } from '@hakiri/contracts/subjects';
import type { Bus, Subscription } from '@hakiri/substrate/bus';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { errorFields, type Logger } from './logger.ts';
import type { Messaging } from './messaging.ts';
import { type BucketRate, fullBucket, takeToken } from './token-bucket.ts';

const REQUEST_TIMEOUT_MS = 2_000;
const RETRY_FIRST_MS = 50;
const RETRY_LIMIT_MS = 5_000;
/** An event may be lost on the way; no revocation stays unseen longer than this while tokens are being looked at. */
const STALE_AFTER_MS = 60_000;
/** Tokens with made-up key ids must not become a flood of requests to auth. */
const UNKNOWN_KEY_RATE: BucketRate = { capacity: 5, perSecond: 0.5 };
/** Past it nothing is decided any more, which fails closed. Auth bounds what it issues far below. */
const REVOCATIONS_LIMIT = 200_000;

const NO_KEYS: KeySet = { keys: [] };

export type AuthFeedDeps = { messaging: Messaging; bus: Bus; clock: Clock; logger: Logger; service: string };
/** Whose tokens count differently from now on; without a team it may be anybody's. */
export type AccessChange = { team?: string };

/** `onChange`: something was revoked, a member's role changed, or a key stopped counting. */
export function createAuthFeed(deps: AuthFeedDeps, onChange: (change: AccessChange) => void) {
  const { messaging, bus, clock, logger } = deps;
  const actor: Actor = { kind: 'service', id: deps.service };
  const untilMsById = new Map<string, number>();
  let keys: KeySet = NO_KEYS;
  let loadedAtMs: number | undefined;
  let loading: Promise<void> | undefined;
  let retry: Timer | undefined;
  let retryMs = RETRY_FIRST_MS;
  let unknownKeys = fullBucket(UNKNOWN_KEY_RATE, clock.now());
  let subscriptions: Subscription[] = [];
  let running = false;

  function remember({ revocations }: Revocations, change: AccessChange): void {
    const nowMs = clock.now();
    let changed = false;
    for (const { id, until } of revocations) {
      const untilMs = Date.parse(until);
      if (untilMs <= nowMs || untilMsById.has(id)) continue;
      untilMsById.set(id, untilMs);
      changed = true;
    }
    if (changed) onChange(change);
  }

  function forgetExpired(): void {
    const nowMs = clock.now();
    for (const [id, untilMs] of untilMsById) if (untilMs <= nowMs) untilMsById.delete(id);
  }

  async function load(): Promise<void> {
    const scope = { team: DEFAULT_TEAM };
    const fresh = await messaging.request(GetKeys, scope, { actor }, {}, REQUEST_TIMEOUT_MS);
    let after = 0;
    while (untilMsById.size <= REVOCATIONS_LIMIT) {
      const page = await messaging.request(GetRevocations, scope, { actor }, { after }, REQUEST_TIMEOUT_MS);
      remember(page, {});
      if (page.next === undefined || page.next <= after) break;
      after = page.next;
    }
    forgetExpired();
    const gone = keys.keys.some((old) => !fresh.keys.some((key) => key.publicKey === old.publicKey));
    keys = fresh;
    loadedAtMs = clock.now();
    if (gone) onChange({});
  }

  /** One load at a time; one that fails is tried again until it succeeds. */
  function refresh(): Promise<void> {
    retry?.cancel();
    loading ??= load()
      .then(() => {
        retryMs = RETRY_FIRST_MS;
      })
      .catch((error) => {
        logger.warn('auth_away', { retryMs, ...errorFields(error) });
        if (running) retry = clock.after(retryMs, refreshLater);
        retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  const refreshLater = (): void => void refresh();

  return {
    /** Resolves after the first attempt, whatever became of it. */
    async start(): Promise<void> {
      if (running) return loading;
      running = true;
      // Listening comes first, so that nothing is revoked unseen between the answer and the first event.
      subscriptions = [
        messaging.subscribe(TokensRevoked, ({ data, team }) => remember(data, { team })),
        messaging.subscribe(MemberChanged, ({ team }) => onChange({ team })),
        bus.onReconnect(refreshLater),
      ];
      await refresh();
    },

    async stop(): Promise<void> {
      running = false;
      retry?.cancel();
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await loading;
    },

    keys: (): KeySet => (untilMsById.size > REVOCATIONS_LIMIT ? NO_KEYS : keys),
    isRevoked: (id: string): boolean => untilMsById.has(id),

    refreshWhenStale(): void {
      if (running && loadedAtMs !== undefined && clock.now() - loadedAtMs > STALE_AFTER_MS) refreshLater();
    },

    /** For a token whose key is unknown: false when that was asked too often just now. */
    async refreshForUnknownKey(): Promise<boolean> {
      const { bucket, taken } = takeToken(unknownKeys, UNKNOWN_KEY_RATE, clock.now());
      unknownKeys = bucket;
      if (taken && running) await refresh();
      return taken && running;
    },

    notReady(): string | undefined {
      return loadedAtMs === undefined ? 'the keys and revocations of auth' : undefined;
    },
  };
}
