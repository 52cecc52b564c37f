// How many pipelines are in each group, with all below it, counted once and then by what changed.
import type { Pipelines } from './pipelines.ts';
import { createStore, type Store } from './store.ts';

/** By path; '' is all. Groups without any are left out. */
export type GroupCounts = { counts: Store<ReadonlyMap<string, number>>; close(): void };

export function watchGroupCounts(pipelines: Pick<Pipelines, 'order' | 'groupOf' | 'onChanged'>): GroupCounts {
  const groups = new Map<string, string>();
  const first = new Map<string, number>();
  for (const key of pipelines.order.get()) {
    const group = pipelines.groupOf(key) ?? '';
    groups.set(key, group);
    count(first, group, 1);
  }
  const counts = createStore<ReadonlyMap<string, number>>(first);
  const close = pipelines.onChanged((keys) => {
    const moved = keys.filter((key) => groups.get(key) !== pipelines.groupOf(key));
    if (moved.length === 0) return;
    const next = new Map(counts.get());
    for (const key of moved) {
      const [before, after] = [groups.get(key), pipelines.groupOf(key)];
      if (before !== undefined) count(next, before, -1);
      if (after !== undefined) count(next, after, 1);
      if (after === undefined) groups.delete(key);
      else groups.set(key, after);
    }
    counts.set(next);
  });
  return { counts, close };
}

/** In the group and in each above it. */
function count(counts: Map<string, number>, group: string, by: number): void {
  const names = group === '' ? [] : group.split('/');
  for (let depth = 0; depth <= names.length; depth++) {
    const path = names.slice(0, depth).join('/');
    const sum = (counts.get(path) ?? 0) + by;
    if (sum === 0) counts.delete(path);
    else counts.set(path, sum);
  }
}
