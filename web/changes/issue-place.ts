// Where an issue is to be mended: a field of a pipeline, a variable, or what was chosen to go live. And whether it has to be.
import type { ConfigIssue } from '@hakiri/contracts/config';
import { pointerParts } from '../parts/diff-values.ts';

export type IssuePlace =
  /** `pipeline` is what the issue calls it: an id, or a key. `field` is as the editor's fields are called: `schedule/expr`. */
  | { kind: 'pipeline'; pipeline: string; field: string | undefined; label: string }
  | { kind: 'variable'; label: string }
  | { kind: 'scope'; label: string }
  | { kind: 'elsewhere'; label: string };

export function issuePlace(path: string): IssuePlace {
  const [root, name, ...rest] = pointerParts(path);
  if (root === 'pipelines' && name) {
    const field = rest.length === 0 ? undefined : rest.join('/');
    return { kind: 'pipeline', pipeline: name, field, label: [name, ...rest].join(' / ') };
  }
  if (root === 'variables' && name) return { kind: 'variable', label: [name, ...rest].join(' / ') };
  if (root === 'scope') return { kind: 'scope', label: [name ?? '', ...rest].join(' / ') };
  return { kind: 'elsewhere', label: path };
}

/** Errors stop an Apply; warnings do not. */
export function bySeverity(issues: readonly ConfigIssue[]): {
  errors: ConfigIssue[];
  warnings: ConfigIssue[];
} {
  return {
    errors: issues.filter(({ severity }) => severity === 'error'),
    warnings: issues.filter(({ severity }) => severity !== 'error'),
  };
}
