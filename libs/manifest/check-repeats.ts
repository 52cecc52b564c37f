// What has to be the only one of its kind: ids and keys of pipelines, names and keys of variables, keys of transforms.
import { isRecord } from '@hakiri/base/json';
import type { ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { documentOf } from './canonical.ts';
import type { ConfigIndex } from './config-index.ts';
import { issue, type Placed } from './issue.ts';

/** Keys that one message names; how many there are it says. */
const NAMED_LIMIT = 20;

export function checkRepeats(
  index: ConfigIndex,
  pathOf: (draft: PipelineDraft) => string,
  variables: readonly Placed<VariableDraft>[],
): ConfigIssue[] {
  const placed = (drafts: Iterable<PipelineDraft>): Placed<PipelineDraft>[] =>
    index.inOrder(drafts).map((draft) => ({ draft, path: pathOf(draft) }));
  const inOrder = (repeated: ReadonlyMap<string, ReadonlySet<PipelineDraft>>) =>
    [...repeated]
      .map(([value, same]): Repeat<PipelineDraft> => ({ value, same: placed(same) }))
      .sort((a, b) => position(index, a) - position(index, b));
  return [
    ...inOrder(index.ids.repeated()).flatMap(repeatIssues('id.duplicate', '/id', 'pipelines', 'id')),
    ...inOrder(index.keys.repeated()).flatMap(repeatIssues('key.duplicate', '/key', 'pipelines', 'key')),
    ...repeats(variables, ({ name }) => name).flatMap(
      repeatIssues('variable.duplicate', '/name', 'variables', 'name'),
    ),
    ...repeats(variables, ({ key }) => key).flatMap(
      repeatIssues('variable.key_duplicate', '/key', 'variables', 'key'),
    ),
    ...repeatedTransforms(
      placed(
        new Set([
          ...index.repeatsItself,
          ...[...index.transformKeys.repeated().values()].flatMap((s) => [...s]),
        ]),
      ),
    ),
  ];
}

/** Several entries with one value. */
type Repeat<Draft> = { value: string; same: Placed<Draft>[] };

function position(index: ConfigIndex, { same }: Repeat<PipelineDraft>): number {
  const [first] = same;
  return first === undefined ? 0 : index.positionOf(first.draft);
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

function repeats<Draft>(entries: readonly Placed<Draft>[], pick: (draft: Draft) => unknown): Repeat<Draft>[] {
  return [...Map.groupBy(entries, ({ draft }) => pick(draft))].flatMap(([value, same]) =>
    typeof value === 'string' && value !== '' && same.length > 1 ? [{ value, same }] : [],
  );
}

/** One issue for each entry that shares its value with another, naming the others. */
function repeatIssues(code: string, suffix: string, what: string, field: string) {
  return ({ value, same }: Repeat<{ key: string; doc?: unknown }>): ConfigIssue[] => {
    // Of one document, its name says nothing; of several, it says where to look.
    const isApart = new Set(same.map(({ draft }) => documentOf(draft))).size > 1;
    const named = same
      .slice(0, NAMED_LIMIT)
      .map(({ draft }) => (isApart ? `${draft.key} in ${documentOf(draft)}` : draft.key));
    const keys = [...named, ...(same.length > NAMED_LIMIT ? ['…'] : [])].join(', ');
    const message = `${same.length} ${what} have the ${field} \`${value}\` (${keys}): give each a ${field} of its own.`;
    return same.map(({ path }) => issue(`${path}${suffix}`, code, message));
  };
}
