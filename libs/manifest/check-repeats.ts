// What has to be the only one of its kind: ids and keys of pipelines, names and keys of variables, keys of transforms.
import { isRecord } from '@hakiri/base/json';
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { documentOf } from './canonical.ts';
import { issue, type Placed } from './issue.ts';

export function checkRepeats(
  pipelines: readonly Placed<PipelineDraft>[],
  variables: readonly Placed<VariableDraft>[],
): ConfigIssue[] {
  return [
    ...repeats(pipelines, ({ id }) => id, 'id.duplicate', '/id', 'pipelines', 'id'),
    ...repeats(pipelines, ({ key }) => key, 'key.duplicate', '/key', 'pipelines', 'key'),
    ...repeats(variables, ({ name }) => name, 'variable.duplicate', '/name', 'variables', 'name'),
    ...repeats(variables, ({ key }) => key, 'variable.key_duplicate', '/key', 'variables', 'key'),
    ...repeatedTransforms(pipelines),
  ];
}

function repeatedTransforms(pipelines: readonly Placed<PipelineDraft>[]): ConfigIssue[] {
  const seen = new Map<string, string>();
  return pipelines.flatMap(({ draft, path }) =>
    (Array.isArray(draft.transforms) ? draft.transforms : []).flatMap((transform, index) => {
      if (!isRecord(transform) || typeof transform.key !== 'string' || transform.key === '') return [];
      const at = `${path}/transforms/${index}`;
      const first = seen.get(transform.key);
      if (first === undefined) {
        seen.set(transform.key, at);
        return [];
      }
      const message = `This transform has the key of ${first}: leave the key out of a copy.`;
      return [issue(`${at}/key`, 'transforms.key_duplicate', message)];
    }),
  );
}

/** One issue for each entry that shares its value with another, naming the others. */
function repeats<Draft extends { key: string; doc?: unknown }>(
  entries: readonly Placed<Draft>[],
  pick: (draft: Draft) => unknown,
  code: string,
  suffix: string,
  what: string,
  field: string,
): ConfigIssue[] {
  const byValue = Map.groupBy(entries, ({ draft }) => pick(draft));
  return [...byValue].flatMap(([value, same]) => {
    if (typeof value !== 'string' || value === '' || same.length === 1) return [];
    // Of one document, its name says nothing; of several, it says where to look.
    const isApart = new Set(same.map(({ draft }) => documentOf(draft))).size > 1;
    const keys = same
      .map(({ draft }) => (isApart ? `${draft.key} in ${documentOf(draft)}` : draft.key))
      .join(', ');
    const message = `${same.length} ${what} have the ${field} \`${value}\` (${keys}): give each a ${field} of its own.`;
    return same.map(({ path }) => issue(`${path}${suffix}`, code, message));
  });
}
