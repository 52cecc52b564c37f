// What a daemon's report means, in words: what it runs, how far that is behind, and what is odd; and when the next is to be expected.
import type { Daemon, DaemonPage } from '@hakiri/contracts/delivery';
import { CALM_POLL_MS, OPEN_POLL_MS } from '../runs/run-facts.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';

const text = revisionsWords.daemons;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

export type Standing = { tone: 'good' | 'warn' | 'bad'; word: string; why?: string };

/** The worst first: silence says that nothing else is known. */
export function standingOf(daemon: Daemon): Standing {
  const { drift, state, detail, runsLatest, behindRevisions, behindS } = daemon;
  if (drift === 'silent') return { tone: 'bad', word: text.silent, why: text.silentWhy };
  if (drift === 'other_digest') return { tone: 'bad', word: text.otherDigest, why: text.otherDigestWhy };
  if (drift === 'unknown_revision') return { tone: 'bad', word: text.unknown, why: text.unknownWhy };
  if (state === 'refused') return { tone: 'bad', word: text.refused, why: detail ?? text.refusedWhy };
  if (state === 'failed') return { tone: 'bad', word: text.failed, why: detail ?? text.failedWhy };
  const why = detail === undefined ? {} : { why: detail };
  if (daemon.sequence === 0) return { tone: 'warn', word: text.nothing, ...why };
  if (!runsLatest) return { tone: 'warn', word: text.behind(behindRevisions, duration(behindS)), ...why };
  return { tone: 'good', word: behindRevisions > 0 ? text.sameRuns : text.current, ...why };
}

/** In the largest unit that says enough. */
export function duration(seconds: number): string {
  if (seconds < MINUTE_S) return text.seconds(seconds);
  if (seconds < HOUR_S) return text.minutes(Math.round(seconds / MINUTE_S));
  if (seconds < DAY_S) return text.hours(Math.round(seconds / HOUR_S));
  return text.days(Math.round(seconds / DAY_S));
}

export function daemonsAbout({
  latest,
  daemons,
}: {
  latest: DaemonPage['latest'];
  daemons: readonly Daemon[];
}): string {
  const current = daemons.filter(({ runsLatest, drift }) => runsLatest && drift === undefined).length;
  return text.about(daemons.length, current, latest?.label);
}

/** Whoever is behind and well reports the latest within seconds; of one that is silent or failed nothing is due. */
export function daemonsAgainMs(page: Pick<DaemonPage, 'daemons'> | undefined): number {
  const isComing = page?.daemons.some(
    ({ runsLatest, drift, state }) => !runsLatest && drift === undefined && state === 'running',
  );
  return isComing ? OPEN_POLL_MS : CALM_POLL_MS;
}
