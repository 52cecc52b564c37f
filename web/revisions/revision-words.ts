// What a revision took live, in words.
import type { Scope } from '@hakiri/contracts/scope';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';

const text = revisionsWords;
const KB = 1_000;

export function scopeText(scope: Scope): string {
  switch (scope.kind) {
    case 'all':
      return text.scopeAll;
    case 'group':
      return text.scopeGroup(scope.group);
    case 'pipelines':
      return text.scopeSome(scope.pipelines.length);
    case 'selection':
      return text.scopeSelection(scope.groups.length, scope.pipelines.length);
  }
}

export function kilobytes(bytes: number): string {
  return (bytes / KB).toFixed(1);
}

/** What lies between two labels in the list of all, by one step; the ends stay. */
export function neighbour(
  labels: readonly string[],
  label: string | undefined,
  step: 1 | -1,
): string | undefined {
  const index = label === undefined ? -1 : labels.indexOf(label);
  if (index === -1) return labels[0];
  return labels[Math.min(Math.max(index + step, 0), labels.length - 1)];
}
