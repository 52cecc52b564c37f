// Work that nobody waits for, a little at a time while the page has nothing else to do.

/** Who presses a key meanwhile waits for the rest of a slice. */
const SLICE_MS = 3;
/** Without idle time for so long a slice is done all the same. */
const PATIENCE_MS = 500;

/** Does `work` for each item. Returns how to stop it. */
export function whenIdle<Item>(items: readonly Item[], work: (item: Item) => void): () => void {
  let next = 0;
  let cancel = later(step);
  function step(): void {
    const until = performance.now() + SLICE_MS;
    while (next < items.length && performance.now() < until) {
      const item = items[next++];
      if (item !== undefined) work(item);
    }
    if (next < items.length) cancel = later(step);
  }
  return () => cancel();
}

/** Not every browser says when it is idle. */
function later(step: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(step, { timeout: PATIENCE_MS });
    return () => cancelIdleCallback(id);
  }
  const id = setTimeout(step, PATIENCE_MS / 10);
  return () => clearTimeout(id);
}
