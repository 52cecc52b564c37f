// Waiting for a condition, so that no test sleeps for a fixed time.

/**
 * Only what never comes true takes as long: long enough for a machine that is busy with much else. Where a time is promised, the
 * test says it.
 */
const UNTIL_MS = 45_000;
const POLL_MS = 2;

type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

/** The first truthy value of `condition`. @throws when there is none in time, naming `what`. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = UNTIL_MS, what = 'the condition' }: { timeoutMs?: number; what?: string } = {},
): Promise<Truthy<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Truthy<T>;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    await Bun.sleep(POLL_MS);
  }
}
