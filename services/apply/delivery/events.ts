// News of applied revisions for those who wait: event streams and long polls. Nothing is queued for a slow reader: a stream
// looks for what it has not sent yet whenever its reader is ready for more. Who waits learns of a revision over the bus, and
// within STALE_LIMIT_MS without it; who cannot be told the truth is sent away rather than left with what was true once.
import { utf8 } from '@hakiri/base/bytes';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import type { Listener } from '@hakiri/service/bell';
import type { Guard } from '@hakiri/service/guard';
import { createWaiters } from '@hakiri/service/waiters';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import type { History } from '../store/store-history.ts';
import { createFreshest } from './freshest.ts';

const RECONNECT_MS = 1_000;
/** Between looks at the database while somebody waits: so long may news be late that the bus lost. */
export const STALE_LIMIT_MS = 5_000;
/** When the database has not been seen for so long, those who wait are sent away: another process may know more. */
export const UNCONFIRMED_LIMIT_MS = 30_000;
/** How long a reader who knows of something newer than this process waits for it to be here, too. */
export const CATCH_UP_LIMIT_MS = 2_000;
const CATCH_UP_STEP_MS = 100;
const ACCESS = { action: 'manifest.read' } as const;
const OPENING = utf8(`retry: ${RECONNECT_MS}\n: connected\n\n`);
const KEEPALIVE = utf8(': keepalive\n\n');

/** Who reads, and until when at most: every reader is asked for again when access changes. */
export type Reader = { team: string; user: string; token: string; expiresAtMs: number };
export type Events = ReturnType<typeof createEvents>;

export function createEvents(deps: {
  history: Pick<History, 'latest' | 'after'>;
  guard: Pick<Guard, 'authorize' | 'onChange'>;
  clock: Clock;
  waitersLimit: number;
  waitersPerUserLimit: number;
  keepaliveMs: number;
  /** Told how many readers wait. */
  onReaders(count: number): void;
}) {
  const { guard, clock, keepaliveMs, waitersPerUserLimit } = deps;
  const freshest = createFreshest(deps.history);
  const waiters = createWaiters({
    clock,
    limit: deps.waitersLimit,
    ownerLimit: waitersPerUserLimit,
    advice: {
      full: 'Too many readers are waiting here. Try again in a minute.',
      ownerFull: `You have ${waitersPerUserLimit} event streams and waits open, as many as one user may have. Close some, or share one.`,
    },
    onCount: (count) => {
      deps.onReaders(count);
      watch(count);
    },
  });
  let accessEpoch = 0;
  let closed = false;
  let changes: Subscription | undefined;
  let looking: Timer | undefined;
  let confirmedAtMs = 0;

  /** Looks again for as long as somebody waits. */
  function watch(count: number): void {
    if (count === 0 || closed) {
      looking?.cancel();
      looking = undefined;
    } else if (looking === undefined) {
      confirmedAtMs = clock.now();
      looking = clock.after(STALE_LIMIT_MS, lookAgain);
    }
  }

  function lookAgain(): void {
    looking?.cancel();
    void Promise.all(waiters.teams().map(lookAt))
      .then(
        () => {
          confirmedAtMs = clock.now();
        },
        () => {
          if (isLost()) waiters.wakeAll();
        },
      )
      .then(() => {
        looking?.cancel();
        looking = undefined;
        if (waiters.count() > 0 && !closed) looking = clock.after(STALE_LIMIT_MS, lookAgain);
      });
  }

  const isLost = (): boolean => clock.now() - confirmedAtMs > UNCONFIRMED_LIMIT_MS;

  async function lookAt(team: string): Promise<void> {
    const before = freshest.known(team)?.sequence;
    const latest = await freshest.read(team);
    if (latest?.sequence !== before) waiters.wake(team);
  }

  /** Says whether the reader may still read; asks only when something about anybody's access changed. */
  function accessCheck({ token, expiresAtMs }: Reader): () => boolean | Promise<boolean> {
    let checked = accessEpoch;
    return () => {
      if (clock.now() >= expiresAtMs) return false;
      if (checked === accessEpoch) return true;
      checked = accessEpoch;
      return guard.authorize(token, ACCESS).then(({ kind }) => kind === 'allowed');
    };
  }

  const enter = ({ team, user }: Reader): Listener => waiters.enter(team, user);

  /** @returns whether what is here is at least what the reader knows, waiting shortly for it. */
  async function caughtUp(reader: Reader, known: number, signal?: AbortSignal): Promise<boolean> {
    const isThere = async (): Promise<boolean> =>
      ((await freshest.read(reader.team))?.sequence ?? 0) >= known;
    if (await isThere()) return true;
    const listener = enter(reader);
    try {
      const deadline = clock.now() + CATCH_UP_LIMIT_MS;
      while (clock.now() < deadline && !closed && !signal?.aborted) {
        await listener.rung(CATCH_UP_STEP_MS, signal);
        if (await isThere()) return true;
      }
      return false;
    } finally {
      listener.close();
    }
  }

  return {
    start: (): void => {
      changes = guard.onChange(
        () => {
          accessEpoch += 1;
          waiters.wakeAll();
        },
        () => waiters.count() > 0,
      );
    },

    /** Wakes a team's readers. Called for revisions of this process and of others. */
    announce: (team: string, revision: Revision): void => {
      if (freshest.announce(team, revision)) waiters.wake(team);
    },

    /** After the bus was away: everybody looks again. */
    lookAgain,

    caughtUp,

    /**
     * Every revision above `lastSeen`, then each as it is published. A `lastSeen` that is not here even after
     * CATCH_UP_LIMIT_MS is from elsewhere. @throws ProblemError when there are too many readers.
     */
    stream: async (reader: Reader, lastSeen: number | undefined): Promise<ReadableStream<Uint8Array>> => {
      const { team } = reader;
      if (lastSeen !== undefined) await caughtUp(reader, lastSeen);
      const listener = enter(reader);
      /** A reader that fails is one that leaves: the stream errs, its place is free. */
      const orLeave = async <Result>(work: () => Promise<Result>): Promise<Result> => {
        try {
          return await work();
        } catch (error) {
          listener.close();
          throw error;
        }
      };
      const allowed = accessCheck(reader);
      const latest = (await orLeave(() => freshest.read(team)))?.sequence ?? 0;
      let sent = Math.min(lastSeen ?? latest, latest);

      /** The next bytes for the reader, undefined when nothing more may come. */
      async function nextBytes(): Promise<Uint8Array | undefined> {
        for (;;) {
          if (closed || isLost() || !(await allowed())) return undefined;
          const news = await freshest.after(team, sent);
          if (news) {
            sent = news.upTo;
            return news.bytes;
          }
          const rang = await listener.rung(Math.min(keepaliveMs, reader.expiresAtMs - clock.now()));
          if (!rang && !closed && !isLost() && (await allowed())) return KEEPALIVE;
        }
      }

      return new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(OPENING),
        pull: async (controller) => {
          const bytes = await orLeave(nextBytes);
          if (bytes !== undefined) return controller.enqueue(bytes);
          listener.close();
          controller.close();
        },
        cancel: () => listener.close(),
      });
    },

    /** Resolves with a latest revision that `isNews` accepts, or with whatever is there after `waitMs`. */
    next: async (
      reader: Reader,
      isNews: (latest: Revision | undefined) => boolean,
      waitMs: number,
      signal: AbortSignal,
    ): Promise<Revision | undefined> => {
      if (waitMs <= 0) return freshest.read(reader.team);
      const listener = enter(reader);
      const allowed = accessCheck(reader);
      try {
        const deadline = clock.now() + waitMs;
        let latest = await freshest.read(reader.team);
        for (;;) {
          const leftMs = deadline - clock.now();
          if (isNews(latest) || leftMs <= 0 || closed || signal.aborted) return latest;
          await listener.rung(Math.min(leftMs, reader.expiresAtMs - clock.now()), signal);
          if (clock.now() >= reader.expiresAtMs)
            throw new ProblemError('token_expired', 'Your token expired while you waited. Renew it.');
          if (!(await allowed()))
            throw new ProblemError('token_revoked', 'Your access ended while you waited. Sign in again.');
          if (isLost())
            throw new ProblemError('unavailable', 'What is newest cannot be told now. Try again shortly.');
          latest = freshest.known(reader.team);
        }
      } finally {
        listener.close();
      }
    },

    /** Ends every stream and every wait. */
    stop: async (): Promise<void> => {
      closed = true;
      looking?.cancel();
      waiters.close();
      await changes?.close();
    },
  };
}
