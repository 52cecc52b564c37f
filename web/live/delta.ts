// Changes of a text or a list as Loro tells them, and what becomes of one after another was made first.
import type { Delta } from 'loro-crdt';

type Sliced = string | unknown[];

/**
 * Both were made of the same; `delta` as it has to be made after `earlier`. What `earlier` inserted stays: it stands before what
 * `delta` inserts at the same place.
 */
export function after<Inserted extends Sliced>(
  earlier: readonly Delta<Inserted>[],
  delta: readonly Delta<Inserted>[],
): Delta<Inserted>[] {
  const [one, two] = [reader(earlier), reader(delta)];
  const result: Delta<Inserted>[] = [];
  while (one.hasMore() || two.hasMore()) {
    if (one.isInsert()) result.push({ retain: sizeOf(one.take()) });
    else if (two.isInsert()) result.push(two.take());
    else {
      const length = Math.min(one.left(), two.left());
      if (!Number.isFinite(length)) break;
      const [mine, theirs] = [two.take(length), one.take(length)];
      // What the earlier one took away is away, whatever this one would do with it.
      if (theirs.delete === undefined) result.push(mine);
    }
  }
  return result;
}

export function isNothing<Inserted>(delta: readonly Delta<Inserted>[]): boolean {
  return delta.every(({ retain }) => retain !== undefined);
}

/** Past its end everything is kept. */
function reader<Inserted extends Sliced>(delta: readonly Delta<Inserted>[]) {
  let index = 0;
  let offset = 0;
  return {
    hasMore: (): boolean => index < delta.length,
    isInsert: (): boolean => delta[index]?.insert !== undefined,
    left(): number {
      const item = delta[index];
      return item === undefined ? Number.POSITIVE_INFINITY : sizeOf(item) - offset;
    },
    take(length?: number): Delta<Inserted> {
      const item = delta[index];
      if (item === undefined) return { retain: length ?? 0 };
      const from = offset;
      const taken = Math.min(length ?? Number.POSITIVE_INFINITY, sizeOf(item) - from);
      offset += taken;
      if (offset >= sizeOf(item)) [index, offset] = [index + 1, 0];
      if (item.insert !== undefined) return item;
      return item.delete === undefined ? { retain: taken } : { delete: taken };
    },
  };
}

function sizeOf(item: Delta<Sliced>): number {
  if (item.insert !== undefined) return item.insert.length;
  return item.delete ?? item.retain;
}
