// Keys in the order of what they stand for, kept in order at the cost of what changed: a list of 10,000 rows is not sorted
// again for one new name.

export type SortedKeys<Item extends { key: string }> = {
  /** Another array after a change of the order, the same one otherwise. */
  keys(): readonly string[];
  get(key: string): Item | undefined;
  /** Undefined takes it out. */
  put(key: string, item: Item | undefined): void;
  /** As often `put`, at the cost of one sorting when they are many. */
  putAll(changes: readonly (readonly [key: string, item: Item | undefined])[]): void;
};

/** From so many changes on sorting everything costs less than moving each. */
const MANY = 100;

export function createSortedKeys<Item extends { key: string }>(
  compare: (a: Item, b: Item) => number,
  first: Iterable<Item>,
): SortedKeys<Item> {
  const items = new Map<string, Item>();
  for (const item of first) items.set(item.key, item);
  const order = (a: Item, b: Item): number => compare(a, b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  const inOrder = (): string[] => [...items.values()].sort(order).map(({ key }) => key);
  let sorted: readonly string[] = inOrder();

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

  function put(key: string, item: Item | undefined): void {
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
  }

  return {
    keys: () => sorted,
    get: (key) => items.get(key),
    put,
    putAll(changes) {
      if (changes.length < MANY) {
        for (const [key, item] of changes) put(key, item);
        return;
      }
      for (const [key, item] of changes) {
        if (item) items.set(key, item);
        else items.delete(key);
      }
      const next = inOrder();
      if (next.length !== sorted.length || next.some((key, index) => key !== sorted[index])) sorted = next;
    },
  };
}
