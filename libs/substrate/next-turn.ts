// Going on after this turn of the event loop, outside of whatever callback it came from.

/**
 * Bun delivers no message of a worker while the handler of another has not returned, and whoever is resumed inside it may
 * turn the loop there, where immediates starve for a second: `expect(…).rejects` does. The timer gets through there; anywhere
 * else the immediate comes first.
 */
export function nextTurn(resume: () => void): void {
  const timer = setTimeout(resume, 0);
  setImmediate(() => {
    clearTimeout(timer);
    resume();
  });
}
