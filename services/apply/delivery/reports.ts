// What daemons say they run: taken in at a bounded rate, written many at a time, forgotten when they are silent for long.
import { DAEMON_PAGE_LIMIT, type DaemonPage, type DaemonReport } from '@hakiri/contracts/delivery';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import { type Bucket, type BucketRate, fullBucket, takeToken } from '@hakiri/service/token-bucket';
import type { Clock } from '@hakiri/substrate/clock';
import type { DaemonName, ReportRow, ReportStore } from '../store/store-reports.ts';
import { describeDaemon } from './daemon-view.ts';

/** Of one team. */
export const DAEMONS_LIMIT = 10_000;
/** A daemon that did not report for so long is no longer listed, and forgotten. */
export const FORGET_AFTER_MS = 7 * 24 * 60 * 60_000;
const FORGET_EVERY_MS = 60 * 60_000;
/** Of one daemon: it reports once a minute, and when something changed. */
const DAEMON_RATE: BucketRate = { capacity: 10, perSecond: 0.2 };
/** Of one team: all of its daemons at once, after an Apply. */
const TEAM_RATE: BucketRate = { capacity: DAEMONS_LIMIT, perSecond: 500 };
/** Past it the one that was first seen starts anew. */
const BUCKETS_LIMIT = 20_000;
/** Reports that wait to be written. */
const WAITING_LIMIT = 10_000;
const WRITTEN_AT_ONCE = 500;

type Waiting = { row: ReportRow; resolve(): void; reject(error: unknown): void };
export type Reports = ReturnType<typeof createReports>;

export function createReports(deps: {
  store: ReportStore;
  latest(team: string): Promise<Revision | undefined>;
  clock: Clock;
}) {
  const { store, clock } = deps;
  const buckets = new Map<string, Bucket>();
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let forgotAtMs = 0;

  function take(key: string, rate: BucketRate): boolean {
    const nowMs = clock.now();
    const next = takeToken(buckets.get(key) ?? fullBucket(rate, nowMs), rate, nowMs);
    buckets.delete(key);
    buckets.set(key, next.bucket);
    const [first] = buckets.keys();
    if (buckets.size > BUCKETS_LIMIT && first !== undefined) buckets.delete(first);
    return next.taken;
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, WRITTEN_AT_ONCE);
      try {
        await forget();
        const refused = await store.keep(
          batch.map(({ row }) => row),
          DAEMONS_LIMIT,
        );
        for (const { row, resolve, reject } of batch)
          if (refused.includes(row)) reject(tooMany());
          else resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the turn that found nothing waiting: what comes after it starts anew.
    writing = undefined;
  }

  async function forget(): Promise<void> {
    const nowMs = clock.now();
    if (nowMs - forgotAtMs < FORGET_EVERY_MS) return;
    forgotAtMs = nowMs;
    await store.forgetBefore(nowMs - FORGET_AFTER_MS);
  }

  return {
    /** Resolves when it is kept. @throws ProblemError `rate_limited` | `conflict` | `unavailable` */
    report: ({ team, token }: { team: string; token: string }, report: DaemonReport): Promise<void> => {
      const key = `${team} ${token} ${report.name}`;
      if (!take(key, DAEMON_RATE))
        throw new ProblemError('rate_limited', 'This daemon reports too often. Once a minute is enough.');
      if (!take(team, TEAM_RATE))
        throw new ProblemError('rate_limited', 'The daemons of your team report too often. Try later.');
      if (waiting.length >= WAITING_LIMIT)
        throw new ProblemError('unavailable', 'Too many reports wait. Report again in a minute.');
      const { name, sequence } = report;
      return new Promise((resolve, reject) => {
        waiting.push({
          row: { team, name, token, sequence, report, seenAtMs: clock.now() },
          resolve,
          reject,
        });
        writing ??= write();
      });
    },

    page: async (team: string, after: string | undefined, limit: number): Promise<DaemonPage> => {
      const nowMs = clock.now();
      const take = Math.min(limit, DAEMON_PAGE_LIMIT);
      const found = await store.page(team, nameIn(after), nowMs - FORGET_AFTER_MS, take + 1);
      const rows = found.slice(0, take);
      const latest = await deps.latest(team);
      const asked = new Set(rows.flatMap(({ sequence }) => [sequence, sequence + 1]));
      const published = await store.published(team, [...asked]);
      const last = found.length > take ? rows.at(-1) : undefined;
      return {
        ...(latest ? { latest: { label: latest.label, sequence: latest.sequence } } : {}),
        daemons: rows.map((row) => describeDaemon(row, latest, published, nowMs)),
        ...(last ? { next: `${last.name}~${last.token}` } : {}),
      };
    },

    /** Waits for what is being written. */
    stop: async (): Promise<void> => {
      await writing;
    },
  };
}

/** Of a `next`: no name has a tilde. */
function nameIn(after: string | undefined): DaemonName | undefined {
  if (after === undefined) return undefined;
  const [name = '', ...token] = after.split('~');
  return { name, token: token.join('~') };
}

function tooMany(): ProblemError {
  return new ProblemError(
    'conflict',
    `The team has ${DAEMONS_LIMIT} daemons already. Give daemons names that last; silent ones are forgotten after a week.`,
  );
}
