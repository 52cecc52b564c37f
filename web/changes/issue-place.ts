// Where an issue is to be mended: a field of a pipeline, a variable, or what was chosen to go live. And whether it has to be.
import type { ConfigIssue } from '@hakiri/contracts/config';
import { fieldLabel, pointerParts } from '../parts/diff-values.ts';

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
    return { kind: 'pipeline', pipeline: name, field, label: placeLabel(name, rest) };
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

/** Those that an Apply of what was chosen may be refused for, and how many others there are. `isIn`: by an id or a key. */
export function issuesInScope(
  issues: readonly ConfigIssue[],
  isIn: (pipeline: string) => boolean,
): { issues: ConfigIssue[]; elsewhere: number } {
  const inScope = issues.filter(({ path }) => {
    const place = issuePlace(path);
    return place.kind !== 'pipeline' || isIn(place.pipeline);
  });
  return { issues: inScope, elsewhere: issues.length - inScope.length };
}

/** As the form calls it. */
function placeLabel(pipeline: string, path: readonly string[]): string {
  return path.length === 0 ? pipeline : `${pipeline}: ${fieldLabel(`/${path.join('/')}`)}`;
}

/** A sentence with what stands between backticks apart: they are marks, not characters. */
export function codeParts(sentence: string): { text: string; isCode: boolean }[] {
  const parts = sentence.split('`');
  // An odd one is a character.
  if (parts.length % 2 === 0) return [{ text: sentence, isCode: false }];
  return parts.map((text, index) => ({ text, isCode: index % 2 === 1 })).filter(({ text }) => text !== '');
}
