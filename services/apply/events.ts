// News of applied revisions for those who wait: event streams and long polls. Nothing is queued for a slow reader: a stream
// reads what it has not sent yet from the database whenever its reader is ready for more.
import { utf8 } from '@hakiri/base/bytes';
import { createPlaces } from '@hakiri/base/places';
import { APPLIED_EVENT, type AppliedData } from '@hakiri/contracts/apply';
import { ProblemError } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import { createBell, type Listener } from '@hakiri/service/bell';
import type { Guard } from '@hakiri/service/guard';
import type { Subscription } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';
import type { History } from './store-history.ts';

const REPLAY_PAGE = 50;
const RECONNECT_MS = 1_000;
const ACCESS = { action: 'manifest.read' } as const;

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
  const { history, guard, clock, keepaliveMs } = deps;
  const bell = createBell(clock, deps.onReaders);
  const places = createPlaces(deps.waitersPerUserLimit);
  const freshest = new Map<string, Revision>();
  let accessEpoch = 0;
  let closed = false;
  let changes: Subscription | undefined;

  /** For one who is to wait: within what one user may have open. */
  function listenAs({ team, user }: Reader): Listener {
    const leave = places.take(`${team}/${user}`);
    if (leave === undefined)
      throw new ProblemError(
        'rate_limited',
        `You have ${deps.waitersPerUserLimit} event streams and waits open, as many as one user may have. Close some, or share one.`,
      );
    try {
      const { rung, close } = listen(team);
      return {
        rung,
        close: () => {
          leave();
          close();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  function listen(team: string): Listener {
    if (closed) throw new ProblemError('unavailable', 'The service is stopping. Connect again in a second.');
    if (bell.listeners() >= deps.waitersLimit)
      throw new ProblemError('unavailable', 'Too many readers are waiting here. Try again in a minute.');
    return bell.listen(team);
  }

  /** Says whether the reader may still read; asks only when something about anybody's access changed. */
  function accessCheck({ token, expiresAtMs }: Reader): () => Promise<boolean> {
    let checked = accessEpoch;
    return async () => {
      if (clock.now() >= expiresAtMs) return false;
      if (checked === accessEpoch) return true;
      checked = accessEpoch;
      return (await guard.authorize(token, ACCESS)).kind === 'allowed';
    };
  }

  /** What came after `sent`, from memory when it is just the next one. */
  async function after(team: string, sent: number): Promise<Revision[]> {
    const last = freshest.get(team);
    if (last?.sequence === sent + 1) return [last];
    return history.after(team, sent, REPLAY_PAGE);
  }

  return {
    start: (): void => {
      changes = guard.onChange(
        () => {
          accessEpoch += 1;
          bell.ringAll();
        },
        () => bell.listeners() > 0,
      );
    },

    /** Wakes a team's readers. Called for revisions of this process and of others; late or repeated news are harmless. */
    announce: (team: string, revision: Revision): void => {
      if ((freshest.get(team)?.sequence ?? 0) < revision.sequence) freshest.set(team, revision);
      bell.ring(team);
    },

    /** After the bus was away: everybody looks again. */
    lookAgain: (): void => bell.ringAll(),

    /** Every revision above `lastSeen`, then each as it is published. @throws ProblemError when there are too many readers. */
    stream: async (reader: Reader, lastSeen: number | undefined): Promise<ReadableStream<Uint8Array>> => {
      const { team } = reader;
      const listener = listenAs(reader);
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
      const latest = (await orLeave(() => history.latest(team)))?.sequence ?? 0;
      let sent = Math.min(lastSeen ?? latest, latest);

      /** The next text for the reader, undefined when nothing more may come. */
      async function nextText(): Promise<string | undefined> {
        for (;;) {
          if (closed || !(await allowed())) return undefined;
          const news = await after(team, sent);
          if (news.length > 0) {
            sent = news.at(-1)?.sequence ?? sent;
            return news.map(eventText).join('');
          }
          const rang = await listener.rung(Math.min(keepaliveMs, reader.expiresAtMs - clock.now()));
          if (!rang && (await allowed())) return ': keepalive\n\n';
        }
      }

      return new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(utf8(`retry: ${RECONNECT_MS}\n: connected\n\n`)),
        pull: async (controller) => {
          const text = await orLeave(nextText);
          if (text !== undefined) return controller.enqueue(utf8(text));
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
      const listener = waitMs > 0 ? listenAs(reader) : listen(reader.team);
      const allowed = accessCheck(reader);
      signal.addEventListener('abort', listener.close, { once: true });
      try {
        const deadline = clock.now() + waitMs;
        for (;;) {
          const latest = await history.latest(reader.team);
          const leftMs = deadline - clock.now();
          if (isNews(latest) || leftMs <= 0 || closed || signal.aborted) return latest;
          await listener.rung(Math.min(leftMs, reader.expiresAtMs - clock.now()));
          if (clock.now() >= reader.expiresAtMs)
            throw new ProblemError('token_expired', 'Your token expired while you waited. Renew it.');
          if (!(await allowed()))
            throw new ProblemError('token_revoked', 'Your access ended while you waited. Sign in again.');
        }
      } finally {
        signal.removeEventListener('abort', listener.close);
        listener.close();
      }
    },

    /** Ends every stream and every wait. */
    stop: async (): Promise<void> => {
      closed = true;
      bell.ringAll();
      await changes?.close();
    },
  };
}

function eventText(revision: Revision): string {
  const data: AppliedData = { doc: revision.doc, revision };
  return `id: ${revision.sequence}\nevent: ${APPLIED_EVENT}\ndata: ${JSON.stringify(data)}\n\n`;
}
