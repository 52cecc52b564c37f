// What people are called. Who joined after the page was opened is asked for once somebody of that id is to be shown.
import { createStore, type Store } from './store.ts';

export type Names = {
  /** By user id. */
  store: Store<ReadonlyMap<string, string>>;
  /** The id until the name is known; the store tells then. */
  nameOf(user: string): string;
  /** Resolves with the id where nobody knows a name. */
  named(user: string): Promise<string>;
  /** Somebody was met under this name. */
  learn(user: string, name: string): void;
};

/** However many unknown people turn up, the team is asked for no more often. */
const PAUSE_MS = 5_000;
/** Ids that nobody knew, such as those of members who left long ago: asked for once. */
const ASKED_LIMIT = 1_000;
const USER_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

export function createNames(
  me: { user: string; name: string },
  read: () => Promise<Iterable<readonly [user: string, name: string]>>,
  wait: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Names {
  const store = createStore<ReadonlyMap<string, string>>(new Map([[me.user, me.name]]));
  const asked = new Set<string>();
  let next: Promise<void> | undefined;
  let pause: Promise<unknown> = Promise.resolve();

  function ask(): Promise<void> {
    next ??= pause.then(async () => {
      // Who is missed from now on may have joined behind this answer.
      next = undefined;
      pause = wait(PAUSE_MS);
      // Without an answer names stay as they were.
      const found = await read().catch(() => []);
      store.set(new Map([...store.get(), ...found]));
    });
    return next;
  }

  function miss(user: string): Promise<void> | undefined {
    if (store.get().has(user) || asked.has(user) || !USER_ID.test(user)) return undefined;
    if (asked.size >= ASKED_LIMIT) return undefined;
    asked.add(user);
    return ask();
  }

  void ask();
  const known = (user: string): string => store.get().get(user) ?? user;
  return {
    store,
    nameOf(user) {
      void miss(user);
      return known(user);
    },
    async named(user) {
      await miss(user);
      return known(user);
    },
    learn(user, name) {
      if (store.get().get(user) !== name) store.set(new Map([...store.get(), [user, name]]));
    },
  };
}
