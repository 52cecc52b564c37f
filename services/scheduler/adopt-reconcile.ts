// At the start, and as long as it takes: the newest revision of every team in the blob store comes into force. What cannot be
// read (an index, a body) is said once and tried again, as somebody may put it back.
import { createPermits } from '@hakiri/base/permits';
import type { IndexedRevision } from '@hakiri/contracts/revision';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { newestRevision, publishedTeams } from './manifest-source.ts';

/** The blob store was away, or something in it was not as it should be. */
const RETRY_MS = 10_000;
/** Teams whose index is read: each is an answer of the blob store to wait for. What is new is adopted in turn. */
const AT_ONCE = 16;

/** What became of a revision. `mayHeal`: what it was may be put back. */
export type AdoptVerdict =
  | { kind: 'ack' }
  | { kind: 'retry'; delayMs: number; reason?: string }
  | { kind: 'terminate'; reason: string; mayHeal: boolean };

type Deps = {
  blobs: BlobStore;
  clock: Clock;
  logger: Logger;
  adopt(team: string, revision: IndexedRevision): Promise<AdoptVerdict>;
};

export function createReconciler({ blobs, clock, logger, adopt }: Deps) {
  /** Teams that are to be tried again, with what was said of them last. */
  const pending = new Map<string, string>();
  let areTeamsKnown = false;
  let again: Timer | undefined;
  let isRunning = false;
  let isStopped = false;

  function failed(team: string, event: string, reason: string): void {
    if (pending.get(team) !== reason) logger.error(event, { team, reason });
    pending.set(team, reason);
  }

  async function reconcileTeam(team: string): Promise<void> {
    const newest = await newestRevision(blobs, team);
    if (newest.kind === 'unreadable') return failed(team, 'manifest_index_unreadable', newest.reason);
    if (newest.kind === 'none') return void pending.delete(team);
    if (isStopped) return;
    const verdict = await adopt(team, newest.revision);
    if (verdict.kind === 'retry') {
      if (verdict.reason === undefined) pending.set(team, '');
      else failed(team, 'manifest_absent', verdict.reason);
    } else if (verdict.kind === 'terminate') {
      failed(team, 'manifest_unusable', verdict.reason);
      if (!verdict.mayHeal) pending.delete(team);
    } else pending.delete(team);
  }

  /** The teams are those of the blob store: a database that is new, or older than it was, does not know them all. */
  async function reconcile(): Promise<void> {
    isRunning = true;
    if (!areTeamsKnown) {
      try {
        for (const team of await publishedTeams(blobs)) if (!pending.has(team)) pending.set(team, '');
        areTeamsKnown = true;
      } catch (error) {
        logger.error('reconcile_failed', errorFields(error));
      }
    }
    const permits = createPermits(AT_ONCE);
    await Promise.all(
      [...pending.keys()].map((team) =>
        permits.run(async () => {
          if (isStopped) return;
          await reconcileTeam(team).catch((error) =>
            logger.error('reconcile_failed', { team, ...errorFields(error) }),
          );
        }),
      ),
    );
    isRunning = false;
    later();
  }

  function later(): void {
    again?.cancel();
    again = undefined;
    if (isStopped || isRunning || (areTeamsKnown && pending.size === 0)) return;
    again = clock.after(RETRY_MS, () => void reconcile());
  }

  return {
    /** Resolves when each team was tried once; goes on until all of it is in force. */
    reconcile,

    /** What was told cannot be adopted. */
    ended(team: string, { reason, mayHeal }: { reason: string; mayHeal: boolean }): void {
      const isSaid = pending.get(team) === reason;
      if (!isSaid) logger.error('manifest_unusable', { team, reason });
      if (!mayHeal) return;
      pending.set(team, reason);
      if (again === undefined) later();
    },

    stop(): void {
      isStopped = true;
      again?.cancel();
    },
  };
}
