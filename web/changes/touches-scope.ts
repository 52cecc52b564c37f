// Whether an edit of the document may change what an Apply of a scope takes live. Rather once too often than once too little: who is
// told wrongly looks again.
import type { Scope } from '@hakiri/contracts/scope';
import { scopeFilter } from '@hakiri/manifest/scope';

type Head = { key: string; id: string; group: string };
type Diff = { type: string; updated?: Readonly<Record<string, unknown>> };

/** `path` and `diff` are of one event of Loro. */
export function touchesScope(
  scope: Scope,
  path: readonly (string | number)[],
  diff: Diff,
  headOf: (key: string) => Head | undefined,
): boolean {
  const [root, key] = path;
  if (root === undefined || root === 'meta') return false;
  if (scope.kind === 'all' || root !== 'pipelines') return true;
  const keys = key === undefined ? Object.keys(diff.updated ?? {}) : [String(key)];
  const isTaken = scopeFilter(scope);
  return keys.some((one) => {
    const head = headOf(one);
    // New, or deleted: of which group it is nobody here knows.
    return head === undefined
      ? scope.kind === 'group' || isTaken({ key: one, id: one, group: '' })
      : isTaken(head);
  });
}
