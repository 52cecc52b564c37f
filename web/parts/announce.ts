// Short news at the bottom of the page, read out too, gone by itself. What somebody must act on is a banner instead.
import { createStore } from '../live/store.ts';

export type News = {
  id: number;
  text: string;
  /** `isWayBack`: there is no other one once the news is gone. */
  action?: { label: string; run(): void; isWayBack?: boolean };
};

const SHOWN_MS = 6_000;
/** Some read slowly, or come to it by keys. */
const WAY_BACK_SHOWN_MS = 20_000;
const LIMIT = 3;
let next = 1;

export const news = createStore<readonly News[]>([]);

export function announce(text: string, action?: News['action']): void {
  const id = next++;
  news.set([...news.get(), { id, text, ...(action ? { action } : {}) }].slice(-LIMIT));
  setTimeout(() => dismiss(id), action?.isWayBack ? WAY_BACK_SHOWN_MS : SHOWN_MS);
}

export function dismiss(id: number): void {
  news.set(news.get().filter((item) => item.id !== id));
}
