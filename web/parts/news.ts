// Short news, each gone by itself after a while; while somebody points at them or has the focus in them, none goes.
import { createStore, type Store } from '../live/store.ts';

export type News = {
  id: number;
  text: string;
  /** `isWayBack`: there is no other one once the news is gone. */
  action?: { label: string; run(): void; isWayBack?: boolean };
};

export type NewsBoard = {
  shown: Store<readonly News[]>;
  tell(text: string, action?: News['action']): void;
  dismiss(id: number): void;
  /** Whether somebody is at them. */
  hold(isHeld: boolean): void;
};

export const SHOWN_MS = 6_000;
/** Some read slowly, or come to it by keys. */
export const WAY_BACK_SHOWN_MS = 20_000;
/** What would have gone while somebody was there stays so long after they left. */
export const AFTER_HOLD_MS = 3_000;
const LIMIT = 3;
/** Whoever is at one keeps it while others come; one that is the only way back stays its time, whatever comes. */
const HELD_LIMIT = 10;

/** The newest always, and as many as there is room for; what is the only way back goes last. */
function within(all: readonly News[], limit: number): News[] {
  const others = all.slice(0, -1).filter(({ action }) => !action?.isWayBack);
  const gone = new Set(others.slice(0, Math.max(0, all.length - limit)));
  return all.filter((item) => !gone.has(item)).slice(-HELD_LIMIT);
}

export function createNews(after: (ms: number, run: () => void) => void): NewsBoard {
  const shown = createStore<readonly News[]>([]);
  const overdue = new Set<number>();
  let isHeld = false;
  let next = 1;
  const dismiss = (id: number): void => {
    overdue.delete(id);
    shown.set(shown.get().filter((item) => item.id !== id));
  };
  const expire = (id: number, ms: number): void =>
    after(ms, () => {
      if (isHeld) overdue.add(id);
      else dismiss(id);
    });
  return {
    shown,
    tell(text, action) {
      const id = next++;
      // The same again stands once; whoever is at one keeps it.
      const isSame = (item: News): boolean => !isHeld && item.text === text && !item.action?.isWayBack;
      const before = shown.get().filter((item) => !isSame(item));
      const all = [...before, { id, text, ...(action ? { action } : {}) }];
      shown.set(within(all, isHeld ? HELD_LIMIT : LIMIT));
      expire(id, action?.isWayBack ? WAY_BACK_SHOWN_MS : SHOWN_MS);
    },
    dismiss,
    hold(now) {
      isHeld = now;
      if (isHeld) return;
      for (const id of overdue) expire(id, AFTER_HOLD_MS);
      overdue.clear();
    },
  };
}
