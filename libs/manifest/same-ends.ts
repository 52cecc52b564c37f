// What of two lists may differ at all: most of a large configuration is the same from one revision to the next, in the same places.

/** Both without what both begin with and what both end with, as `===` has it, and how much they begin with. */
export function betweenSameEnds<Entry>(
  a: readonly Entry[],
  b: readonly Entry[],
): { a: readonly Entry[]; b: readonly Entry[]; before: number } {
  const shorter = Math.min(a.length, b.length);
  let before = 0;
  while (before < shorter && a[before] === b[before]) before += 1;
  let after = 0;
  while (after < shorter - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after += 1;
  return { a: a.slice(before, a.length - after), b: b.slice(before, b.length - after), before };
}
