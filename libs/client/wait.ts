// Waiting between attempts: abortable, and growing within bounds.

const BACKOFF_FIRST_MS = 200;
const BACKOFF_LIMIT_MS = 10_000;

/** Grows by half and more with each attempt (from 0), with jitter, so that many clients do not return at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(BACKOFF_LIMIT_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 20));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** Resolves after `durationMs`, or as soon as `signal` aborts. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal?.addEventListener('abort', done);
  });
}

/** Like `pause`, and over at once when a browser says that the network is back or that somebody looks at the page again. */
export async function pauseUntilWoken(durationMs: number, signal: AbortSignal): Promise<void> {
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  const onVisible = (): void => {
    if (globalThis.document?.visibilityState === 'visible') wake();
  };
  globalThis.addEventListener?.('online', wake);
  globalThis.document?.addEventListener('visibilitychange', onVisible);
  await pause(durationMs, AbortSignal.any([signal, woken.signal]));
  globalThis.removeEventListener?.('online', wake);
  globalThis.document?.removeEventListener('visibilitychange', onVisible);
}

/** Whoever asks while it is being done waits for the same. */
export function oneForAll(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
