// What is wrong with each variable, by its key and field: names, doubles, what looks like a secret. Whether one is used, the index
// of uses knows (live/variable-uses.ts).
import type { VariableDraft } from '@hakiri/contracts/config';
import { validateConfig } from '@hakiri/manifest/validate';
import { textOf } from '../../live/text-of.ts';
import type { FieldIssue } from '../../parts/field.tsx';

export type VariableIssues = Readonly<Record<string, readonly FieldIssue[]>>;

export function variableIssues(list: readonly VariableDraft[]): Map<string, VariableIssues> {
  const keyOf = new Map(list.flatMap(({ key, name }) => [[textOf(name), key] as const, [key, key] as const]));
  const { issues } = validateConfig({ pipelines: [], variables: [...list] });
  const found = new Map<string, Record<string, FieldIssue[]>>();
  for (const { code, path, severity, message } of issues) {
    const [, root, name = '', field = ''] = path.split('/');
    const key = keyOf.get(name.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (root !== 'variables' || key === undefined || code === 'variable.unused') continue;
    const own = found.get(key) ?? {};
    own[field] = [...(own[field] ?? []), { severity, message }];
    found.set(key, own);
  }
  return found;
}

/** By name, value and comment. */
export function matching(list: readonly VariableDraft[], typed: string): readonly VariableDraft[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return list;
  return list.filter(({ name, value, comment }) => {
    const text = `${textOf(name)} ${textOf(value)} ${textOf(comment)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
