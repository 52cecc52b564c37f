// Applies that wait, for people or for a time. Nothing tells a browser of them, so that they are asked for while somebody looks:
// at once, when they come back to the page, after news of a revision, and every few seconds.
import type { Client } from '@hakiri/client/client';
import type { RequestSummary } from '@hakiri/contracts/approval';
import type { LiveRevision } from './live-revision.ts';
import { createStore, type Store } from './store.ts';

export type WaitingState = {
  kind: 'loading' | 'known' | 'unknown';
  requests: readonly RequestSummary[];
};

export type Waiting = {
  /** Asked for as long as somebody has subscribed. */
  state: Store<WaitingState>;
  again(): Promise<void>;
  close(): void;
};

const REPEAT_MS = 10_000;
/** A team has at most 200 waiting ones. */
const PAGE = 100;
const PAGES_LIMIT = 2;

export function watchWaiting(
  requests: Pick<Client['requests'], 'list'>,
  live: Pick<LiveRevision, 'onPublished'>,
): Waiting {
  const state = createStore<WaitingState>({ kind: 'loading', requests: [] });
  let watchers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  async function again(): Promise<void> {
    clearTimeout(timer);
    const question = ++asked;
    const answer = await readAll(requests).catch(() => undefined);
    if (question !== asked) return;
    if (answer) state.set({ kind: 'known', requests: answer });
    else state.set({ ...state.get(), kind: 'unknown' });
    if (watchers > 0) timer = setTimeout(() => void repeat(), REPEAT_MS);
  }

  async function repeat(): Promise<void> {
    if (!document.hidden) await again();
    else if (watchers > 0) timer = setTimeout(() => void repeat(), REPEAT_MS);
  }

  const stopNews = live.onPublished(() => {
    if (watchers > 0) void again();
  });
  const onSight = (): void => {
    if (!document.hidden && watchers > 0) void again();
  };
  document.addEventListener('visibilitychange', onSight);

  return {
    state: {
      get: state.get,
      subscribe(listener) {
        const stop = state.subscribe(listener);
        watchers += 1;
        if (watchers === 1) void again();
        return () => {
          stop();
          watchers -= 1;
          if (watchers === 0) clearTimeout(timer);
        };
      },
    },
    again,
    close() {
      watchers = 0;
      asked += 1;
      clearTimeout(timer);
      stopNews();
      document.removeEventListener('visibilitychange', onSight);
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
