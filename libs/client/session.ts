// A person's session as a token source: renewed a little before it expires, by one request at a time, and shared with
// whoever else uses the same store (another tab, another run of the command line), because a refresh token works once.
import type { Session } from '@hakiri/contracts/auth';
import { createAuth } from './auth.ts';
import { ApiProblem } from './errors.ts';
import { createHttp, fixedToken, type TokenSource } from './http.ts';

/** Where a session is kept. `load` gives undefined when there is none, or none that can be read. */
export type SessionStore = {
  load(): Session | undefined;
  save(session: Session | undefined): void;
  /** Runs `work` while no other user of the store does; without it, the store has one user. */
  alone?<Result>(work: () => Promise<Result>): Promise<Result>;
};

export type SessionSource = TokenSource & {
  current(): Session | undefined;
  /** Called when the session has ended for good: sign in again. */
  onEnd(handler: () => void): void;
};

const REFRESH_BEFORE_EXPIRY_MS = 60_000;
/** What the server says of a session that is over; whatever else came back, from a gateway or from another program, ends none. */
const ENDED: ReadonlySet<string> = new Set(['unauthenticated', 'token_expired', 'token_revoked']);

export function createSessionSource(options: {
  url: string;
  store: SessionStore;
  now?: () => number;
  fetch?: Parameters<typeof createHttp>[0]['fetch'];
}): SessionSource {
  const { store } = options;
  const now = options.now ?? Date.now;
  const http = createHttp({
    url: options.url,
    tokens: fixedToken(undefined),
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const auth = createAuth(http);
  const enders = new Set<() => void>();
  let renewing: Promise<Session | undefined> | undefined;

  const usable = (session: Session): boolean =>
    Date.parse(session.accessExpiresAt) - now() > REFRESH_BEFORE_EXPIRY_MS;

  async function exchange(stale: Session): Promise<Session | undefined> {
    // Somebody else may have renewed it while we waited for our turn.
    const stored = store.load();
    if (!stored || stored.accessToken !== stale.accessToken) return stored;
    try {
      const fresh = await auth.refresh(stored.refreshToken);
      store.save(fresh);
      return fresh;
    } catch (error) {
      if (!(error instanceof ApiProblem) || !ENDED.has(error.problem.code)) throw error;
      const latest = store.load();
      if (latest && latest.refreshToken !== stored.refreshToken) return latest;
      store.save(undefined);
      for (const handler of enders) handler();
      return undefined;
    }
  }

  function renewFrom(stale: Session): Promise<Session | undefined> {
    const work = (): Promise<Session | undefined> => exchange(stale);
    renewing ??= (store.alone ? store.alone(work) : work()).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  return {
    current: () => store.load(),
    onEnd: (handler) => void enders.add(handler),

    async token() {
      const session = store.load();
      if (!session) return undefined;
      if (usable(session)) return session.accessToken;
      return (await renewFrom(session))?.accessToken;
    },

    async renew(refused) {
      const session = store.load();
      if (!session || session.accessToken !== refused) return session?.accessToken;
      return (await renewFrom(session))?.accessToken;
    },
  };
}
