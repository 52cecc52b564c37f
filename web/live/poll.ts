// What the server is asked for again and again while somebody looks: for what it has no events for. Nobody looks at a hidden page;
// what fails is asked for less and less often, and what came last stays.
import { createStore, type Store } from './store.ts';

export type Polled<Value> = {
  value?: Value;
  /** Of the last time, when it failed. */
  failure?: unknown;
  isAsking: boolean;
};

export type Poll<Value> = Store<Polled<Value>> & {
  /** Now. Resolves when it was answered, or was not. */
  refresh(): Promise<void>;
  /** Asks until what it returns is called. */
  start(): () => void;
};

const FAILING_LIMIT_MS = 60_000;

/** Whether somebody may be looking; a browser's document, or what a test gives. */
export type Sight = {
  hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
};

export function createPoll<Value>(options: {
  read(): Promise<Value>;
  /** How long until it is asked again, by what was answered. */
  everyMs(value: Value | undefined): number;
  sight?: Sight;
}): Poll<Value> {
  const { read, everyMs, sight = document } = options;
  const store = createStore<Polled<Value>>({ isAsking: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStarted = false;
  let failures = 0;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    try {
      const value = await read();
      failures = 0;
      store.set({ value, isAsking: false });
    } catch (failure) {
      failures += 1;
      store.set({ ...store.get(), failure, isAsking: false });
    }
  }

  function later(): void {
    clearTimeout(timer);
    if (!isStarted || sight.hidden) return;
    const everyNow = everyMs(store.get().value);
    const waitMs = Math.min(everyNow * 2 ** failures, Math.max(everyNow, FAILING_LIMIT_MS));
    timer = setTimeout(() => void refresh(), waitMs);
  }

  async function refresh(): Promise<void> {
    // What is asked already may have been answered before what we want to see happened.
    if (asking) await asking;
    asking ??= ask().finally(() => {
      asking = undefined;
      later();
    });
    return asking;
  }

  const onSight = (): void => void (sight.hidden ? clearTimeout(timer) : refresh());
  return {
    get: store.get,
    subscribe: store.subscribe,
    refresh,
    start() {
      isStarted = true;
      sight.addEventListener('visibilitychange', onSight);
      void refresh();
      return () => {
        isStarted = false;
        clearTimeout(timer);
        sight.removeEventListener('visibilitychange', onSight);
      };
    },
  };
}
