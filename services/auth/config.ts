// Auth's settings and bounds. Times in milliseconds.
import { ConfigError, choiceSetting, type Environment } from '@hakiri/service/config';
import type { BucketRate } from '@hakiri/service/token-bucket';

export type AuthConfig = Readonly<{
  /** Redeemed once in the life of this process, it signs in the user `owner` of the team `default`. */
  ownerCode?: string;
  /** Believe the last address of `x-forwarded-for`: only behind a proxy that sets it. */
  trustForwardedFor: boolean;
  accessTtlMs: number;
  refreshTtlMs: number;
  inviteTtlMs: number;
  selfLinkTtlMs: number;
  /** Attempts to redeem or refresh, of one address. */
  attempts: BucketRate;
  addressesLimit: number;
  teamsLimit: number;
  membersLimit: number;
  /** Codes of one team that were not redeemed yet. */
  linksLimit: number;
  /** A further sign-in ends the oldest. */
  sessionsPerMemberLimit: number;
  /** Of one team, revoked ones included until they expire. */
  tokensLimit: number;
}>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const DEFAULTS: AuthConfig = Object.freeze({
  trustForwardedFor: false,
  accessTtlMs: 15 * MINUTE_MS,
  refreshTtlMs: 30 * DAY_MS,
  inviteTtlMs: 7 * DAY_MS,
  selfLinkTtlMs: 15 * MINUTE_MS,
  attempts: Object.freeze({ capacity: 120, perSecond: 1 }),
  addressesLimit: 10_000,
  teamsLimit: 1_000,
  membersLimit: 1_000,
  linksLimit: 1_000,
  sessionsPerMemberLimit: 100,
  tokensLimit: 2_000,
});

const OWNER_CODE_MIN_CHARS = 16;
const OWNER_CODE_LIMIT_CHARS = 200;

/** HAKIRI_OWNER_CODE, HAKIRI_TRUST_FORWARDED_FOR (yes or no). */
export function readConfig(env: Environment): AuthConfig {
  const { HAKIRI_OWNER_CODE: ownerCode } = env;
  const trust = choiceSetting(env, 'HAKIRI_TRUST_FORWARDED_FOR', ['yes', 'no'], 'no');
  return completeConfig({ trustForwardedFor: trust === 'yes', ...(ownerCode ? { ownerCode } : {}) });
}

/** @throws ConfigError when the owner code could be guessed or could not be redeemed. */
export function completeConfig(given: Partial<AuthConfig>): AuthConfig {
  const config = { ...DEFAULTS, ...given };
  const chars = config.ownerCode?.length;
  if (chars !== undefined && (chars < OWNER_CODE_MIN_CHARS || chars > OWNER_CODE_LIMIT_CHARS)) {
    throw new ConfigError(
      `HAKIRI_OWNER_CODE has ${chars} characters: give it ${OWNER_CODE_MIN_CHARS} to ${OWNER_CODE_LIMIT_CHARS} random ones.`,
    );
  }
  return Object.freeze(config);
}
