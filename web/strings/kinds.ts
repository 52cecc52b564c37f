// How many entries are new, changed and deleted, in words: `2 pipelines new, 1 changed; 1 variable deleted`.
import { plural } from './plural.ts';

type Change = { kind: 'added' | 'changed' | 'removed' };

const KINDS = [
  ['added', 'new'],
  ['changed', 'changed'],
  ['removed', 'deleted'],
] as const;

export function kindsWords(pipelines: readonly Change[], variables: readonly Change[]): string {
  return [...counted(pipelines, 'pipeline'), ...counted(variables, 'variable')].join('; ') || 'nothing';
}

/** What is counted is named once. */
function counted(changes: readonly Change[], noun: string): string[] {
  const counts = { added: 0, changed: 0, removed: 0 };
  for (const { kind } of changes) counts[kind] += 1;
  const parts = KINDS.filter(([kind]) => counts[kind] > 0).map(([kind, word], index) =>
    index === 0 ? `${plural(counts[kind], noun)} ${word}` : `${counts[kind]} ${word}`,
  );
  return parts.length === 0 ? [] : [parts.join(', ')];
}
