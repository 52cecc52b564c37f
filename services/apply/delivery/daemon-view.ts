// "Who runs what": a daemon's last report beside what was published. Pure.
import { DAEMON_REPORT_MS, type Daemon } from '@hakiri/contracts/delivery';
import { labelOf, type Revision } from '@hakiri/contracts/revision';
import type { Published, ReportRow } from '../store/store-reports.ts';

/** Who has missed so many reports in a row is called silent. */
export const SILENT_AFTER_MS = 3 * DAEMON_REPORT_MS;

/** `published`: at least the revision that it runs and the one after, as far as there are such. */
export function describeDaemon(
  { name, token, sequence, report, seenAtMs }: ReportRow,
  latest: Revision | undefined,
  published: ReadonlyMap<number, Published>,
  nowMs: number,
): Daemon {
  const { digest, runtimeDigest, state, detail, since } = report;
  const own = published.get(sequence);
  const missed = published.get(sequence + 1);
  const drift =
    own !== undefined && own.digest !== digest
      ? 'other_digest'
      : own === undefined && sequence > 0
        ? 'unknown_revision'
        : nowMs - seenAtMs > SILENT_AFTER_MS
          ? 'silent'
          : undefined;
  const runsLatest =
    latest !== undefined &&
    (digest === latest.digest || (runtimeDigest !== undefined && runtimeDigest === latest.runtimeDigest));
  return {
    name,
    token,
    sequence,
    ...(own === undefined ? {} : { label: labelOf(own) }),
    digest,
    ...(runtimeDigest === undefined ? {} : { runtimeDigest }),
    state,
    ...(detail === undefined ? {} : { detail }),
    since,
    lastSeen: new Date(seenAtMs).toISOString(),
    behindRevisions: Math.max(0, (latest?.sequence ?? 0) - sequence),
    behindS: missed === undefined ? 0 : Math.max(0, Math.floor((nowMs - missed.publishedAtMs) / 1000)),
    runsLatest,
    ...(drift === undefined ? {} : { drift }),
  };
}
