// What a service knows of auth: its public keys and what it has revoked. Loaded over the bus at start, after every
// reconnect, when a token names an unknown key, and now and then while tokens are looked at; kept while auth is away.
// While somebody watches, auth is asked every POLL_MS for what has come since, so that a lost event is made up for in time.
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
/** Nor longer than this while somebody watches. Half of what a change may take, the other half is for acting on it. */
const POLL_MS = 1_000;
const KEYS_AFTER_MS = 10_000;
/**
 * Without an answer of auth for this long, and to the last QUESTIONS, nothing that is open may stay open. Long enough for auth to
 * restart and for a cluster's bus to find a new leader (4 to 7 s, measured), short against the 15 minutes that an access token
 * lives. Measured by the clock that nobody sets: a step of the other one says nothing about auth.
 */
export const CONFIRM_WITHIN_MS = 30_000;
/** One may have been under way while the process was stopped, as by a closed lid: that it failed says nothing about auth. */
const QUESTIONS = 2;
/** Tokens with made-up key ids must not become a flood of requests to auth. */
const UNKNOWN_KEY_RATE: BucketRate = { capacity: 5, perSecond: 0.5 };
/** Past it nothing is decided any more, which fails closed. Auth bounds what it issues far below. */
const REVOCATIONS_LIMIT = 200_000;

const NO_KEYS: KeySet = { keys: [] };

export type AuthFeedDeps = { messaging: Messaging; bus: Bus; clock: Clock; logger: Logger; service: string };
/** Whose tokens count differently from now on; without a team it may be anybody's. */
export type AccessChange = { team?: string };

export type AuthFeedHooks = {
  /** Something was revoked, a member's role changed, a key stopped counting, or auth was out of reach for too long. */
  onChange(change: AccessChange): void;
  /** Something is open that has to end when its token does. */
  isWatched(): boolean;
};

type Revoked = { untilMs: number; renew: boolean };

export function createAuthFeed(deps: AuthFeedDeps, { onChange, isWatched }: AuthFeedHooks) {
  const { messaging, bus, clock, logger } = deps;
  const actor: Actor = { kind: 'service', id: deps.service };
  const scope = { team: DEFAULT_TEAM };
  const revokedById = new Map<string, Revoked>();
  let keys: KeySet = NO_KEYS;
  let keysAtMs: number | undefined;
  /** In a row. */
  let failures = 0;
  /** All revocations up to here are known. */
  let cursor = 0;
  /** As auth said it at this moment or later. */
  let confirmedAtMs: number | undefined;
  let isLost = false;
  let loading: Promise<void> | undefined;
  let retry: Timer | undefined;
  let retryMs = RETRY_FIRST_MS;
  let poll: Timer | undefined;
  let unknownKeys = fullBucket(UNKNOWN_KEY_RATE, clock.monotonic());
  let subscriptions: Subscription[] = [];
  let running = false;

  function remember({ revocations }: Revocations, change: AccessChange): void {
    const nowMs = clock.now();
    let changed = false;
    for (const { id, until, renew = false } of revocations) {
      const untilMs = Date.parse(until);
      if (untilMs <= nowMs || revokedById.has(id)) continue;
      revokedById.set(id, { untilMs, renew });
      changed = true;
    }
    if (changed) onChange(change);
  }

  function forgetExpired(): void {
    const nowMs = clock.now();
    for (const [id, { untilMs }] of revokedById) if (untilMs <= nowMs) revokedById.delete(id);
  }

  async function load(): Promise<void> {
    const startedAtMs = clock.monotonic();
    if (keysAtMs === undefined || startedAtMs - keysAtMs >= KEYS_AFTER_MS) await loadKeys(startedAtMs);
    await loadRevocations();
    confirmedAtMs = startedAtMs;
    if (isLost) logger.info('auth_confirmed', {});
    isLost = false;
  }

  async function loadKeys(nowMs: number): Promise<void> {
    const fresh = await messaging.request(GetKeys, scope, { actor }, {}, REQUEST_TIMEOUT_MS);
    const gone = keys.keys.some((old) => !fresh.keys.some((key) => key.publicKey === old.publicKey));
    keys = fresh;
    keysAtMs = nowMs;
    forgetExpired();
    if (gone) onChange({});
  }

  async function loadRevocations(): Promise<void> {
    while (revokedById.size <= REVOCATIONS_LIMIT) {
      const after = cursor;
      const page = await messaging.request(GetRevocations, scope, { actor }, { after }, REQUEST_TIMEOUT_MS);
      remember(page, {});
      const { next, last = next ?? after } = page;
      if (next !== undefined && next > after) cursor = next;
      else {
        cursor = last < after ? 0 : last;
        // An older copy of auth's database numbers anew from there: nothing known of it says what follows.
        if (last >= after) return;
      }
    }
  }

  /** One load at a time; one that fails is tried again until it succeeds. */
  function refresh(): Promise<void> {
    retry?.cancel();
    loading ??= load()
      .then(() => {
        retryMs = RETRY_FIRST_MS;
        failures = 0;
      })
      .catch((error) => {
        logger.warn('auth_away', { retryMs, ...errorFields(error) });
        failures += 1;
        giveUpWhenLost();
        if (running) retry = clock.after(retryMs, refreshLater);
        retryMs = Math.min(retryMs * 2, RETRY_LIMIT_MS);
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  const refreshLater = (): void => void refresh();

  /** What was asked before the bus was away may never be answered, and what it brings may be old: everything anew, and at once. */
  async function reload(): Promise<void> {
    await loading;
    retryMs = RETRY_FIRST_MS;
    cursor = 0;
    keysAtMs = undefined;
    if (!running) return;
    await refresh();
    onChange({});
  }

  function isConfirmed(): boolean {
    return confirmedAtMs !== undefined && clock.monotonic() - confirmedAtMs <= CONFIRM_WITHIN_MS;
  }

  function look(): void {
    poll = clock.after(POLL_MS, look);
    if (isWatched() && loading === undefined) refreshLater();
  }

  /** Said when a question failed, never before: after a stop of the process the answer is a moment away. */
  function giveUpWhenLost(): void {
    if (isLost || failures < QUESTIONS || isConfirmed() || !isWatched()) return;
    isLost = true;
    logger.error('auth_unconfirmed', { afterMs: CONFIRM_WITHIN_MS });
    onChange({});
  }

  return {
    /** Resolves after the first attempt, whatever became of it. */
    async start(): Promise<void> {
      if (running) return loading;
      running = true;
      // Listening comes first, so that nothing is revoked unseen between the answer and the first event.
      subscriptions = [
        messaging.subscribe(TokensRevoked, ({ data, team }) => remember(data, { team })),
        messaging.subscribe(MemberChanged, ({ team }) => onChange({ team })),
        bus.onReconnect(() => void reload()),
      ];
      await refresh();
      if (running) poll = clock.after(POLL_MS, look);
    },

    async stop(): Promise<void> {
      running = false;
      retry?.cancel();
      poll?.cancel();
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.close()));
      await loading;
    },

    keys: (): KeySet => (revokedById.size > REVOCATIONS_LIMIT ? NO_KEYS : keys),
    isRevoked: (id: string): boolean => revokedById.has(id),
    /** Revoked, and by nothing that its holder could not renew it after. */
    isRenewable: (ids: readonly string[]): boolean => {
      const revoked = ids.flatMap((id) => revokedById.get(id) ?? []);
      return revoked.length > 0 && revoked.every(({ renew }) => renew);
    },

    refreshWhenStale(): void {
      if (running && confirmedAtMs !== undefined && clock.monotonic() - confirmedAtMs > STALE_AFTER_MS)
        refreshLater();
    },

    /** For a token whose key is unknown: false when that was asked too often just now. */
    async refreshForUnknownKey(): Promise<boolean> {
      const { bucket, taken } = takeToken(unknownKeys, UNKNOWN_KEY_RATE, clock.monotonic());
      unknownKeys = bucket;
      if (!taken || !running) return false;
      keysAtMs = undefined;
      await refresh();
      return true;
    },

    /** Whether auth said within CONFIRM_WITHIN_MS what is known here; asks it when nobody did. */
    async confirmed(): Promise<boolean> {
      if (!isConfirmed() && !isLost && running) await refresh();
      return isConfirmed();
    },

    notReady(): string | undefined {
      return confirmedAtMs === undefined ? 'the keys and revocations of auth' : undefined;
    },
  };
}
