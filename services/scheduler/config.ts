// The scheduler's settings: times in milliseconds, each with its bounds and default.
import { type Environment, integerSetting } from '@hakiri/service/config';

export type SchedulerConfig = {
  /** A claim whose node is silent this long goes to another. */
  leaseMs: number;
  /** A tick that starts this much after it was due is called late. */
  lateAfterMs: number;
  /** A run that was claimed this often and never came to its end is failed. */
  claimsLimit: number;
  /** Ended runs, ledger rows and nodes that were not seen are forgotten after this. */
  retentionMs: number;
  /** How often what is older is looked for. */
  sweepMs: number;
};

const DAY_MS = 24 * 60 * 60_000;

export const DEFAULT_CONFIG: SchedulerConfig = {
  leaseMs: 30_000,
  lateAfterMs: 5_000,
  claimsLimit: 20,
  retentionMs: 30 * DAY_MS,
  sweepMs: 6 * 60 * 60_000,
};

/** HAKIRI_RUN_LEASE_MS, HAKIRI_LATE_AFTER_MS, HAKIRI_CLAIMS_LIMIT, HAKIRI_RETENTION_DAYS. */
export function readConfig(env: Environment): SchedulerConfig {
  const { leaseMs, lateAfterMs, claimsLimit } = DEFAULT_CONFIG;
  const days = integerSetting(env, 'HAKIRI_RETENTION_DAYS', { fallback: 30, min: 1, max: 3650 });
  return Object.freeze({
    ...DEFAULT_CONFIG,
    leaseMs: integerSetting(env, 'HAKIRI_RUN_LEASE_MS', { fallback: leaseMs, min: 1_000, max: 600_000 }),
    lateAfterMs: integerSetting(env, 'HAKIRI_LATE_AFTER_MS', {
      fallback: lateAfterMs,
      min: 100,
      max: 600_000,
    }),
    claimsLimit: integerSetting(env, 'HAKIRI_CLAIMS_LIMIT', { fallback: claimsLimit, min: 1, max: 1_000 }),
    retentionMs: days * DAY_MS,
  });
}
