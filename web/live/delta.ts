// Changes of a text as Loro tells them, and what becomes of one after another was made first.
import type { Delta } from 'loro-crdt';

/**
 * Both were made of the same; `delta` as it has to be made after `earlier`. What `earlier` inserted stays: it stands before what
 * `delta` inserts at the same place.
 */
export function after(earlier: readonly Delta<string>[], delta: readonly Delta<string>[]): Delta<string>[] {
  const [one, two] = [reader(earlier), reader(delta)];
  const result: Delta<string>[] = [];
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

/** `delta` of `text`, without taking away what it puts there again: a step that is taken back writes anew what was there before it. */
export function withoutRepeats(delta: readonly Delta<string>[], text: string): Delta<string>[] {
  const result: Delta<string>[] = [];
  let at = 0;
  let [gone, anew] = ['', ''];
  const flush = (): void => {
    const before = commonLength(gone, anew, (one, index) => one[index]);
    const rest = [gone.slice(before), anew.slice(before)] as const;
    const behind = commonLength(...rest, (one, index) => one.at(-1 - index));
    const [deleted, inserted] = rest.map((one) => one.slice(0, one.length - behind));
    if (before > 0) result.push({ retain: before });
    if (deleted) result.push({ delete: deleted.length });
    if (inserted) result.push({ insert: inserted });
    if (behind > 0) result.push({ retain: behind });
    [gone, anew] = ['', ''];
  };
  for (const item of delta) {
    if (item.insert !== undefined) anew += item.insert;
    else if (item.delete !== undefined) gone += text.slice(at, at + item.delete);
    else {
      flush();
      result.push(item);
    }
    at += item.insert === undefined ? sizeOf(item) : 0;
  }
  flush();
  return result;
}

function commonLength(
  one: string,
  other: string,
  at: (text: string, index: number) => string | undefined,
): number {
  let length = 0;
  while (length < Math.min(one.length, other.length) && at(one, length) === at(other, length)) length += 1;
  return length;
}

export function applied(text: string, delta: readonly Delta<string>[]): string {
  let [at, result] = [0, ''];
  for (const { retain = 0, delete: gone = 0, insert = '' } of delta) {
    result += insert === '' ? text.slice(at, at + retain) : insert;
    at += retain + gone;
  }
  return result + text.slice(at);
}

export function isNothing(delta: readonly Delta<string>[]): boolean {
  return delta.every(({ retain }) => retain !== undefined);
}

/** Past its end everything is kept. */
function reader(delta: readonly Delta<string>[]) {
  let index = 0;
  let offset = 0;
  return {
    hasMore: (): boolean => index < delta.length,
    isInsert: (): boolean => delta[index]?.insert !== undefined,
    left(): number {
      const item = delta[index];
      return item === undefined ? Number.POSITIVE_INFINITY : sizeOf(item) - offset;
    },
    take(length?: number): Delta<string> {
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

function sizeOf(item: Delta<string>): number {
  if (item.insert !== undefined) return item.insert.length;
  return item.delete ?? item.retain;
}
