// What is to be said of each pipeline about going live: whether it differs from what is live, and what is wrong with it.
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { PendingChange } from '@hakiri/contracts/pending';

/** By pipeline key. */
export type Mark = {
  /** Absent: it is live as it is, or only waits to be published by itself. */
  change: PendingChange['kind'] | undefined;
  errors: number;
  warnings: number;
};

/** `keyOf` finds a pipeline by the name an issue has for it: its id, or its key where the id is not the only one. */
export function marksOf(
  pending: readonly PendingChange[],
  issues: readonly ConfigIssue[],
  keyOf: (name: string) => string | undefined,
): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  const at = (key: string): Mark => {
    const mark = marks.get(key) ?? { change: undefined, errors: 0, warnings: 0 };
    marks.set(key, mark);
    return mark;
  };
  // What only people read publishes by itself: nothing is left to do.
  for (const { key, kind, cosmetic } of pending) if (!cosmetic) at(key).change = kind;
  for (const { path, severity } of issues) {
    const name = pipelineOfIssue(path);
    const key = name === undefined ? undefined : keyOf(name);
    if (key === undefined) continue;
    if (severity === 'error') at(key).errors += 1;
    else at(key).warnings += 1;
  }
  return marks;
}

/** `/pipelines/orders/schedule/expr` is about `orders`, an id or a key. */
export function pipelineOfIssue(path: string): string | undefined {
  const [, root, name] = path.split('/');
  if (root !== 'pipelines' || name === undefined || name === '') return undefined;
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Keys whose mark is another, or gone. */
export function changedMarks(before: ReadonlyMap<string, Mark>, after: ReadonlyMap<string, Mark>): string[] {
  const changed: string[] = [];
  for (const [key, mark] of after) if (!isSame(before.get(key), mark)) changed.push(key);
  for (const key of before.keys()) if (!after.has(key)) changed.push(key);
  return changed;
}

function isSame(a: Mark | undefined, b: Mark): boolean {
  if (!a) return false;
  return a.change === b.change && a.errors === b.errors && a.warnings === b.warnings;
}
