// Apply's settings and bounds. Times in milliseconds, sizes in bytes.
import { type Environment, integerSetting } from '@hakiri/service/config';
import { keySecret } from '@hakiri/service/sealing';

export type ApplyConfig = Readonly<{
  /** How long POST apply waits for the outcome when the caller does not say. */
  answerWaitMs: number;
  /** The longest wait a caller may ask for: `prefer: wait`, or `wait` of a long poll. */
  waitLimitMs: number;
  /** Unfinished requests of one team; more are refused until some are done. */
  openRequestsLimit: number;
  /** Of one team, that wait for people or for a time. */
  waitingRequestsLimit: number;
  /** Requests in hand at once, over all teams. */
  inFlightLimit: number;
  ackWaitMs: number;
  /** Dry runs, validations, proposals, imports, merges, exports, reverts and patches at once: most hold a whole document in memory. */
  looksLimit: number;
  /** Of those, one team's; so many more of it may wait. */
  looksPerTeamLimit: number;
  looksWaitingLimit: number;
  retryFirstMs: number;
  retryLimitMs: number;
  /** A request that could not be prepared for so long, because sync or a store is away, is refused. */
  giveUpAfterMs: number;
  /** One page of a document from sync; the first may have to wait for the document to be loaded. */
  pageTimeoutMs: number;
  /** The document, and so the manifest, that one Apply may hold in memory. */
  documentLimitBytes: number;
  /** Event streams and waiting long polls at once. */
  waitersLimit: number;
  /** Of those, one user's or one program's token's. */
  waitersPerUserLimit: number;
  keepaliveMs: number;
  /** How often somebody who waits looks again by himself, in case the news was lost. */
  lookAgainMs: number;
  /** Between attempts to finish what a crash left behind; nothing runs while nothing is unfinished. */
  reconcileMs: number;
  /** A finished request, and so the answer to its idempotency key, is kept for so long. */
  requestsKeptMs: number;
  /** Bodies of older revisions move to the cold prefix. */
  hotRevisions: number;
  /** Between two checks of a team's blobs. */
  checkPauseMs: number;
  /** Published manifests kept in memory, over all teams. */
  cacheLimitBytes: number;
  /** Seals the private keys that sign manifests; without it they are kept as they are. */
  keySecret?: string;
}>;

export const DEFAULTS: ApplyConfig = Object.freeze({
  answerWaitMs: 10_000,
  waitLimitMs: 30_000,
  openRequestsLimit: 32,
  waitingRequestsLimit: 200,
  inFlightLimit: 256,
  ackWaitMs: 60_000,
  looksLimit: 16,
  looksPerTeamLimit: 4,
  looksWaitingLimit: 64,
  retryFirstMs: 250,
  retryLimitMs: 15_000,
  giveUpAfterMs: 5 * 60_000,
  pageTimeoutMs: 10_000,
  documentLimitBytes: 64 * 1024 * 1024,
  waitersLimit: 10_000,
  waitersPerUserLimit: 50,
  keepaliveMs: 15_000,
  lookAgainMs: 1_000,
  reconcileMs: 2_000,
  requestsKeptMs: 24 * 60 * 60_000,
  hotRevisions: 1_000,
  checkPauseMs: 60_000,
  cacheLimitBytes: 64 * 1024 * 1024,
});

/**
 * HAKIRI_APPLY_GIVE_UP_S, HAKIRI_APPLY_WAITERS, HAKIRI_APPLY_WAITERS_PER_USER, HAKIRI_APPLY_HOT_REVISIONS,
 * HAKIRI_APPLY_KEY_SECRET.
 */
export function readConfig(env: Environment): ApplyConfig {
  const giveUpS = integerSetting(env, 'HAKIRI_APPLY_GIVE_UP_S', { fallback: 300, min: 1, max: 86_400 });
  const waitersLimit = integerSetting(env, 'HAKIRI_APPLY_WAITERS', {
    fallback: DEFAULTS.waitersLimit,
    min: 1,
    max: 1_000_000,
  });
  const waitersPerUserLimit = integerSetting(env, 'HAKIRI_APPLY_WAITERS_PER_USER', {
    fallback: DEFAULTS.waitersPerUserLimit,
    min: 1,
    max: 1_000_000,
  });
  const hotRevisions = integerSetting(env, 'HAKIRI_APPLY_HOT_REVISIONS', {
    fallback: DEFAULTS.hotRevisions,
    min: 1,
    max: 1_000_000_000,
  });
  const secret = keySecret(env, 'HAKIRI_APPLY_KEY_SECRET');
  return Object.freeze({
    ...DEFAULTS,
    giveUpAfterMs: giveUpS * 1000,
    waitersLimit,
    waitersPerUserLimit,
    hotRevisions,
    ...(secret === undefined ? {} : { keySecret: secret }),
  });
}
