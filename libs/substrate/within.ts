// Waits for work that may never end, for a while only: closing must not hang on a handler or a server that does.

/** Resolves when `work` has settled or the time is over, and leaves no timer behind. */
export async function settledWithin(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  try {
    await Promise.race([work.catch(() => undefined), over]);
  } finally {
    clearTimeout(timer);
  }
}
