// Taking back a step in an ordered list of keys: by the keys and who their neighbours were, and not by places, as others add, move
// and remove meanwhile. Nothing is put where it stands already, so no key comes to be there twice.
import type { Delta, ListJsonDiff, LoroMovableList } from 'loro-crdt';

/** Its items are told by their keys; what a stock client put there besides is left alone. */
export type ListInverse = {
  remove: readonly string[];
  /** Of which those that are there are moved, and those that are `anew` put in. */
  place: readonly { key: string; isAnew: boolean }[];
  /** All of them before the step. */
  order: readonly string[];
  /** Others have put them elsewhere since: where they stand says little of where their neighbours were. */
  elsewhere: ReadonlySet<string>;
};

type Change = Delta<unknown[]>;

export function patched(items: readonly unknown[], delta: readonly Change[]): unknown[] {
  const result: unknown[] = [];
  let at = 0;
  for (const { retain = 0, delete: gone = 0, insert } of delta) {
    if (insert) result.push(...insert);
    else result.push(...items.slice(at, at + retain));
    at += retain + gone;
  }
  return [...result, ...items.slice(at)];
}

/** Of a list that was `items` after the step, which `delta` takes back. */
export function listInverse(
  items: readonly unknown[],
  delta: readonly Change[],
): Omit<ListInverse, 'elsewhere'> {
  const [after, order] = [keysOf(items), keysOf(patched(items, delta))];
  const [had, has] = [new Set(after), new Set(order)];
  const inserted = new Set(delta.flatMap(({ insert = [] }) => insert));
  return {
    remove: [...had].filter((key) => !has.has(key)),
    place: order
      .filter((key) => inserted.has(key) || !had.has(key))
      .map((key) => ({ key, isAnew: !had.has(key) })),
    order,
  };
}

export function isNoListChange({ remove, place }: ListInverse): boolean {
  return remove.length + place.length === 0;
}

/**
 * What a list that is made anew begins with: keys that were there twice, as two put them back at once, are there once. One insert
 * for each: Loro refuses some of more than eight.
 */
export function onlyOnce({ type, diff }: ListJsonDiff): ListJsonDiff {
  const items = new Set(diff.flatMap(({ insert = [] }) => insert));
  return { type, diff: [...items].map((item) => ({ insert: [item] })) };
}

/** Leaves committing to the caller. */
export function writeList(list: LoroMovableList, { remove, place, order, elsewhere }: ListInverse): void {
  for (const key of remove)
    for (let at = list.toArray().indexOf(key); at !== -1; at = list.toArray().indexOf(key))
      list.delete(at, 1);
  const unplaced = new Set(place.map(({ key }) => key));
  for (const { key, isAnew } of place) {
    unplaced.delete(key);
    const items = list.toArray();
    const from = items.indexOf(key);
    if (isAnew ? from !== -1 : from === -1) continue;
    if (from !== -1) items.splice(from, 1);
    const isPlaced = (other: string): boolean => !unplaced.has(other) && items.includes(other);
    const isSteady = (other: string): boolean => isPlaced(other) && !elsewhere.has(other);
    const to = besideNeighbour(items, key, order, isSteady) ?? besideNeighbour(items, key, order, isPlaced);
    const index = to ?? Math.min(order.indexOf(key), items.length);
    if (from === -1) list.insert(index, key);
    else if (from !== index) list.move(from, index);
  }
}

/** Behind the nearest of those before it, else before the nearest of those behind it. */
function besideNeighbour(
  items: readonly unknown[],
  key: string,
  order: readonly string[],
  isNeighbour: (key: string) => boolean,
): number | undefined {
  const at = order.indexOf(key);
  const before = order.slice(0, at).findLast(isNeighbour);
  if (before !== undefined) return items.indexOf(before) + 1;
  const behind = order.slice(at + 1).find(isNeighbour);
  return behind === undefined ? undefined : items.indexOf(behind);
}

function keysOf(items: readonly unknown[]): string[] {
  return [...new Set(items.filter((item) => typeof item === 'string'))];
}
