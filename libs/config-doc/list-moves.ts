// The fewest steps that turn one list of distinct names into another: what stays in order (the longest increasing subsequence)
// is not touched, so that a concurrent reorder of it survives.

type ListStep =
  | { kind: 'delete'; index: number }
  | { kind: 'insert'; index: number; name: string }
  /** `to` is where the item ends up. */
  | { kind: 'move'; from: number; to: number };

/** Steps are applied in order. Names in `target` are distinct; repeats in `current` are deleted. */
export function planList(current: readonly string[], target: readonly string[]): ListStep[] {
  const steps: ListStep[] = [];
  const list = [...current];
  const place = new Map(target.map((name, index) => [name, index]));
  for (let index = list.length - 1; index >= 0; index--) {
    const name = list[index] ?? '';
    if (place.has(name) && list.indexOf(name) === index) continue;
    list.splice(index, 1);
    steps.push({ kind: 'delete', index });
  }
  const kept = longestInOrder(list, place);
  // Left to right: what is not kept goes right behind its predecessor; what stands between kept items leaves in its own turn.
  let previous = -1;
  for (const name of target) {
    const from = list.indexOf(name);
    if (kept.has(name)) {
      previous = from;
    } else if (from === -1) {
      previous += 1;
      list.splice(previous, 0, name);
      steps.push({ kind: 'insert', index: previous, name });
    } else {
      list.splice(from, 1);
      const to = from <= previous ? previous : previous + 1;
      list.splice(to, 0, name);
      if (from !== to) steps.push({ kind: 'move', from, to });
      previous = to;
    }
  }
  return steps;
}

function longestInOrder(list: readonly string[], place: ReadonlyMap<string, number>): Set<string> {
  const ranks = list.map((name) => place.get(name) ?? -1);
  const tails: number[] = []; // indices into `list`: the smallest end of an increasing run of each length
  const before: number[] = [];
  for (const [index, rank] of ranks.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranks[tails[middle] ?? 0] ?? 0) < rank) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = index;
  }
  const kept = new Set<string>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) kept.add(list[at] ?? '');
  return kept;
}
