// Old bodies move to the cold prefix: copied, read back and compared, then deleted where they were. Whoever reads looks beside
// the index first and in the prefix then, so at every moment, and after a crash at every step, the body is found.
import { blobKey, coldFile } from '@hakiri/contracts/revision';
import { digestOf } from '@hakiri/manifest/digest';
import { errorFields, type Logger } from '@hakiri/service/logger';
import { type BlobStore, BlobStoreError } from '@hakiri/substrate/blob-store';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { ColdStep } from '../requests/steps.ts';
import type { Store } from '../store/store.ts';
import type { HotBody } from '../store/store-cold.ts';

/** Rows read at once by a sweep. */
const SWEEP_ROWS = 50;
const RETRY_MS = 60_000;

export type ColdMover = {
  /** A revision is out: the one that it made old moves, in the background. */
  published(team: string, sequence: number): void;
  /** Moves whatever should have moved already. */
  start(): void;
  stop(): Promise<void>;
};

/** Sequences above `after`, up to `upTo`. */
type Range = { after: number; upTo: number };

export function createColdMover(deps: {
  store: Pick<Store, 'teamsWithOld' | 'hotBodies' | 'markCold'>;
  blobs: BlobStore;
  clock: Clock;
  logger: Logger;
  /** The newest so many stay where they are. */
  hotRevisions: number;
  step: ColdStep;
}): ColdMover {
  const { store, blobs, clock, logger, hotRevisions, step } = deps;
  const waiting = new Map<string, Range>();
  /** What could not be moved, until it is tried again: it alone, and not with everything that is published meanwhile. */
  const left = new Map<string, Range>();
  let running: Promise<void> | undefined;
  let sweepDue = false;
  let retry: Timer | undefined;
  let stopped = false;

  async function move({ team, sequence, file, digest }: HotBody): Promise<void> {
    const [hot, cold] = [blobKey(team, file), blobKey(team, coldFile(file))];
    const there = await blobs.get(hot);
    if (there) {
      await checkDigest(hot, there.bytes, digest);
      await blobs.putIfAbsent(cold, there.bytes);
    }
    // Also when it was there already: a crash, or another process, may have come so far.
    const copy = await blobs.get(cold);
    if (!copy) throw new BlobStoreError(`${hot} is gone from the blob store`);
    await checkDigest(cold, copy.bytes, digest);
    await step('copied');
    await blobs.delete(hot);
    await step('deleted');
    await store.markCold(team, sequence);
    await step('marked');
  }

  /** What could not be moved stays, and what is behind it moves all the same. */
  async function moveRange(team: string, { after, upTo }: Range): Promise<void> {
    let at = after;
    for (;;) {
      const bodies = await store.hotBodies(team, { after: at, upTo }, SWEEP_ROWS);
      for (const body of bodies) {
        if (stopped) return;
        await move(body).catch((error: unknown) => {
          widen(left, team, { after: body.sequence - 1, upTo: body.sequence });
          logger.warn('body_stays', { team, file: body.file, ...errorFields(error) });
        });
        at = body.sequence;
      }
      if (bodies.length < SWEEP_ROWS) return;
    }
  }

  async function sweep(): Promise<void> {
    for (const { team, newest } of await store.teamsWithOld(hotRevisions))
      widen(waiting, team, { after: 0, upTo: newest - hotRevisions });
    sweepDue = false;
  }

  async function work(): Promise<void> {
    const waits = (error: unknown): void => logger.warn('cold_move_waits', errorFields(error));
    if (sweepDue && retry === undefined) await sweep().catch(waits);
    for (const [team, range] of waiting) {
      if (stopped) return;
      waiting.delete(team);
      await moveRange(team, range).catch((error: unknown) => {
        widen(left, team, range);
        waits(error);
      });
    }
    if (!stopped && (sweepDue || left.size > 0)) retry ??= clock.after(RETRY_MS, again);
  }

  function again(): void {
    retry = undefined;
    for (const [team, range] of left) widen(waiting, team, range);
    left.clear();
    run();
  }

  function run(): void {
    if (running || stopped) return;
    running = work().finally(() => {
      running = undefined;
      if (waiting.size > 0) run();
    });
  }

  return {
    published: (team, sequence) => {
      const upTo = sequence - hotRevisions;
      if (upTo < 1) return;
      widen(waiting, team, { after: upTo - 1, upTo });
      run();
    },
    start: () => {
      sweepDue = true;
      run();
    },
    stop: async () => {
      stopped = true;
      retry?.cancel();
      await running;
    },
  };
}

/** Ranges of one team become one: what has moved already is in none of them. */
function widen(ranges: Map<string, Range>, team: string, { after, upTo }: Range): void {
  const known = ranges.get(team);
  ranges.set(team, {
    after: Math.min(known?.after ?? after, after),
    upTo: Math.max(known?.upTo ?? upTo, upTo),
  });
}

async function checkDigest(key: string, bytes: Uint8Array, digest: string): Promise<void> {
  if ((await digestOf(bytes)) !== digest)
    throw new BlobStoreError(`${key} does not have the digest it was published with`);
}
