// Keys in the order of what they stand for, kept in order at the cost of what changed: a list of 10,000 rows is not sorted
// again for one new name.

export type SortedKeys<Item extends { key: string }> = {
  /** Another array after a change of the order, the same one otherwise. */
  keys(): readonly string[];
  get(key: string): Item | undefined;
  /** Undefined takes it out. */
  put(key: string, item: Item | undefined): void;
};

export function createSortedKeys<Item extends { key: string }>(
  compare: (a: Item, b: Item) => number,
  first: Iterable<Item>,
): SortedKeys<Item> {
  const items = new Map<string, Item>();
  for (const item of first) items.set(item.key, item);
  const order = (a: Item, b: Item): number => compare(a, b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  let sorted: readonly string[] = [...items.values()].sort(order).map(({ key }) => key);

  /** Where `item` stands, or would stand. */
  function placeOf(item: Item): number {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = items.get(sorted[middle] ?? '');
      if (other !== undefined && order(other, item) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    keys: () => sorted,
    get: (key) => items.get(key),
    put(key, item) {
      const before = items.get(key);
      if (before && item && order(before, item) === 0) {
        items.set(key, item);
        return;
      }
      if (before) {
        sorted = sorted.toSpliced(placeOf(before), 1);
        items.delete(key);
      }
      if (item) {
        sorted = sorted.toSpliced(placeOf(item), 0, key);
        items.set(key, item);
      }
    },
  };
}
