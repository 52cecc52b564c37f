// Sorting what is sorted but for a few: those that `near` has keep its order, the others are sorted in between.

/** `near` is sorted. */
export function sortedNear<Entry extends object>(
  entries: readonly Entry[],
  near: readonly Entry[] | undefined,
  compare: (a: Entry, b: Entry) => number,
): Entry[] {
  const present = new Set(entries);
  const staying = (near ?? []).filter((entry) => present.delete(entry));
  const fresh = [...present].sort(compare);
  if (staying.length === 0) return fresh;
  const sorted: Entry[] = [];
  let next = 0;
  for (const entry of staying) {
    for (let first = fresh[next]; first !== undefined && compare(first, entry) < 0; first = fresh[++next])
      sorted.push(first);
    sorted.push(entry);
  }
  return sorted.concat(fresh.slice(next));
}
