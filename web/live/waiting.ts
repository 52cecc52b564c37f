// Applies that wait, for people or for a time. Nothing tells a browser of them, so that they are asked for, by one timer for whoever
// wants to know: often while a screen shows them, once a minute for a number in the navigation, at once after news of a revision and
// when somebody comes back to the page.
import type { Client } from '@hakiri/client/client';
import type { RequestSummary } from '@hakiri/contracts/approval';
import type { LiveRevision } from './live-revision.ts';
import type { Sight } from './poll.ts';
import { createStore, type Store } from './store.ts';

export type WaitingState = {
  kind: 'loading' | 'known' | 'unknown';
  requests: readonly RequestSummary[];
  /** That had waited and did not go live, of the last day; undefined until it was answered. */
  refused?: readonly RequestSummary[] | undefined;
};
export type Waiting = {
  /** Asked for often, as long as somebody has subscribed and looks at the page. */
  state: Store<WaitingState>;
  /** The same, asked for once a minute. */
  glance: Store<WaitingState>;
  /** Once a minute while nobody looks at the page, too, as long as `isWanted`. Returns how to stop it. */
  whileHidden(isWanted: () => boolean): () => void;
  again(): Promise<void>;
  close(): void;
};

const OFTEN_MS = 10_000;
const SELDOM_MS = 60_000;
/** A team has at most 200 waiting ones. */
const PAGE = 100;
const PAGES_LIMIT = 2;

export function watchWaiting(
  requests: Pick<Client['requests'], 'list'>,
  live: Pick<LiveRevision, 'onPublished'>,
  sight: Sight = document,
): Waiting {
  const state = createStore<WaitingState>({ kind: 'loading', requests: [] });
  const watchers = { often: 0, seldom: 0 };
  const hidden = new Set<() => boolean>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  /** Those that ended were not asked for since. */
  let areEndedOld = true;

  const isWatched = (): boolean => watchers.often + watchers.seldom > 0;

  function later(): void {
    clearTimeout(timer);
    const isOften = watchers.often > 0 && !sight.hidden;
    if (isWatched()) timer = setTimeout(() => void repeat(), isOften ? OFTEN_MS : SELDOM_MS);
  }
  async function again(): Promise<void> {
    clearTimeout(timer);
    const question = ++asked;
    const answer = await readAll(requests).catch(() => undefined);
    const ids = new Set(answer?.map(({ id }) => id));
    if (answer && state.get().requests.some(({ id }) => !ids.has(id))) areEndedOld = true;
    const ended = answer && areEndedOld ? await readRefused(requests).catch(() => undefined) : undefined;
    if (question !== asked) return;
    if (ended) areEndedOld = false;
    const { refused } = state.get();
    if (answer) state.set({ kind: 'known', requests: answer, refused: ended ?? refused });
    else state.set({ ...state.get(), kind: 'unknown' });
    later();
  }
  async function repeat(): Promise<void> {
    if (!sight.hidden || [...hidden].some((isWanted) => isWanted())) await again();
    else later();
  }
  const askIfWatched = (): void => {
    if (isWatched()) void again();
  };
  const onSight = (): void => {
    if (!sight.hidden) askIfWatched();
  };
  const stopNews = live.onPublished(askIfWatched);
  sight.addEventListener('visibilitychange', onSight);

  const asking = (pace: keyof typeof watchers): Store<WaitingState> => ({
    get: state.get,
    subscribe(listener) {
      const stop = state.subscribe(listener);
      watchers[pace] += 1;
      if (watchers[pace] === 1) void again();
      return () => {
        stop();
        watchers[pace] -= 1;
        if (!isWatched()) clearTimeout(timer);
      };
    },
  });

  return {
    state: asking('often'),
    glance: asking('seldom'),
    whileHidden(isWanted) {
      hidden.add(isWanted);
      return () => hidden.delete(isWanted);
    },
    again,
    close() {
      watchers.often = 0;
      watchers.seldom = 0;
      hidden.clear();
      asked += 1;
      clearTimeout(timer);
      stopNews();
      sight.removeEventListener('visibilitychange', onSight);
    },
  };
}

async function readAll(requests: Pick<Client['requests'], 'list'>): Promise<RequestSummary[]> {
  const all: RequestSummary[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page++) {
    const answer = await requests.list({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    all.push(...answer.requests);
    before = answer.next;
    if (before === undefined) break;
  }
  return all;
}

async function readRefused(requests: Pick<Client['requests'], 'list'>): Promise<readonly RequestSummary[]> {
  return (await requests.list({ state: 'refused', limit: PAGE })).requests;
}
