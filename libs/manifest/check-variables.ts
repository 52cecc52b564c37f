// References to variables: each must be defined once, and one that nobody refers to is worth a warning.
import { isRecord } from '@hakiri/base/json';
import {
  type ConfigIssue,
  type PipelineDraft,
  VARIABLE_REFERENCE,
  type VariableDraft,
} from '@hakiri/contracts/config';
import { issue, pointer, warning } from './issue.ts';

/** A reference to `name` at `path`, a pointer inside the pipeline. */
type Reference = { name: string; path: string };

/** Variables are replaced in the texts of source and destination and in the bodies of transforms, nowhere else. */
function variableReferences(draft: PipelineDraft): Reference[] {
  return [
    ...inRecord(draft.source, '/source'),
    ...inRecord(draft.destination, '/destination'),
    ...(Array.isArray(draft.transforms) ? draft.transforms : []).flatMap((transform, index) =>
      isRecord(transform) ? inText(transform.body, `/transforms/${index}/body`) : [],
    ),
  ];
}

/** The names that the pipeline refers to. */
export function variablesUsed(draft: PipelineDraft): Set<string> {
  return new Set(variableReferences(draft).map(({ name }) => name));
}

export function checkReferences(
  pipelines: readonly { draft: PipelineDraft; path: string }[],
  variables: readonly VariableDraft[],
): ConfigIssue[] {
  const defined = new Set(variables.map(({ name }) => name));
  const used = new Set<unknown>();
  const issues: ConfigIssue[] = [];
  for (const { draft, path } of pipelines) {
    for (const reference of variableReferences(draft)) {
      used.add(reference.name);
      if (defined.has(reference.name)) continue;
      const message = `The variable \`${reference.name}\` is not defined: define it, or correct the name.`;
      issues.push(issue(`${path}${reference.path}`, 'variable.undefined', message));
    }
  }
  for (const name of defined) {
    if (typeof name !== 'string' || used.has(name)) continue;
    const message = `No pipeline here uses \`${name}\`: remove it, or refer to it as \`\${${name}}\`.`;
    issues.push(warning(pointer('variables', name), 'variable.unused', message));
  }
  return issues;
}

function inRecord(value: unknown, path: string): Reference[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => inText(item, `${path}${pointer(key)}`));
}

function inText(value: unknown, path: string): Reference[] {
  if (typeof value !== 'string' || !value.includes('${')) return [];
  return [...value.matchAll(VARIABLE_REFERENCE)].map((match) => ({ name: match[1] ?? '', path }));
}
