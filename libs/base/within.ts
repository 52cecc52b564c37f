// Waits for work that may never end, for a while only: closing must not hang on a handler or a server that does.

/** True when `work` has settled, either way; false when the time is over first. Leaves no timer behind. */
export async function settledWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, limitMs, false);
  const settled = () => true;
  try {
    return await Promise.race([work.then(settled, settled), over]);
  } finally {
    clearTimeout(timer);
  }
}
