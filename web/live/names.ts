// What people are called. Who joined after the page was opened is asked for once somebody of that id is to be shown.
import { ApiProblem } from '@hakiri/client/errors';
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
/** The longest pause while it fails. */
const FAILING_LIMIT_MS = 60_000;
/** Ids that nobody knew, such as those of members who left long ago: answered once. */
const ASKED_LIMIT = 1_000;
const USER_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

export function createNames(
  me: { user: string; name: string },
  read: () => Promise<Iterable<readonly [user: string, name: string]>>,
  wait: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Names {
  const store = createStore<ReadonlyMap<string, string>>(new Map([[me.user, me.name]]));
  const asked = new Set<string>();
  /** Of those, who was missed before a question that has no answer yet. */
  const unanswered: string[] = [];
  let failures = 0;
  let next: Promise<void> | undefined;
  let pause: Promise<unknown> = Promise.resolve();

  function ask(): Promise<void> {
    next ??= pause.then(async () => {
      // Who is missed from now on may have joined behind this answer.
      next = undefined;
      const missed = unanswered.splice(0);
      pause = wait(PAUSE_MS);
      try {
        store.set(new Map([...store.get(), ...(await read())]));
        failures = 0;
      } catch (error) {
        // Names stay as they were. Nothing else would tell who shows an id that there is a name by now.
        if (isFinal(error)) return;
        failures += 1;
        pause = wait(Math.min(FAILING_LIMIT_MS, PAUSE_MS * 2 ** failures));
        unanswered.push(...missed);
        if (unanswered.length > 0) void ask();
      }
    });
    return next;
  }

  function miss(user: string): Promise<void> | undefined {
    if (store.get().has(user) || asked.has(user) || !USER_ID.test(user)) return undefined;
    if (asked.size >= ASKED_LIMIT) return undefined;
    asked.add(user);
    unanswered.push(user);
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

/** The session is over, or may not know who is in the team. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiProblem && [401, 403].includes(error.problem.status);
}
