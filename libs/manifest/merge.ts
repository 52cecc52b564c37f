// An Apply of a part: the last applied configuration, with what the scope takes replaced by the document's draft of it. What is
// outside keeps exactly what was last applied, and so do the values of the variables that it uses.
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineDraft,
  VariableDraft,
} from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/sync';
import { canonicalPipeline, canonicalVariable, compareText } from './canonical.ts';
import { variablesUsed } from './check-variables.ts';
import { issue, pointer } from './issue.ts';
import { scopeFilter } from './scope.ts';

type Merged = {
  /** The whole of what would be published; not validated yet. */
  draft: ConfigDraft;
  /** What is wrong with the scope itself; to be shown together with what validation finds. */
  issues: ConfigIssue[];
};

/**
 * Keys of applied pipelines that the scope takes although the document's draft of the scope does not have them. They were
 * deleted from the document, unless it has them elsewhere (moved to another group, or renamed): ask it for these keys, and
 * hand those it still has to `mergeScope` as `elsewhere`.
 */
export function missingFromScope(last: ManifestConfig, scope: Scope, draft: ConfigDraft): string[] {
  const drafted = new Set(draft.pipelines.map(({ key }) => key));
  return last.pipelines
    .filter(scopeFilter(scope))
    .map(({ key }) => key)
    .filter((key) => !drafted.has(key));
}

/** `draft` holds the pipelines that the document has in the scope, and all of the document's variables. */
export function mergeScope(
  last: ManifestConfig,
  scope: Scope,
  draft: ConfigDraft,
  elsewhere: ReadonlySet<string> = new Set(),
): Merged {
  const taken = draft.pipelines.map(canonicalPipeline);
  const takenKeys = new Set(taken.map(({ key }) => key));
  const isInScope = scopeFilter(scope);
  const kept = last.pipelines.filter(
    (pipeline) => !takenKeys.has(pipeline.key) && (!isInScope(pipeline) || elsewhere.has(pipeline.key)),
  );
  const variables =
    scope.kind === 'all'
      ? draft.variables.map(canonicalVariable)
      : mergeVariables(last.variables, draft.variables.map(canonicalVariable), taken);
  const issues = [
    ...unknownNames(last, scope, taken, elsewhere),
    ...sharedVariables(last.variables, variables, kept),
  ];
  return { draft: { pipelines: [...kept, ...taken], variables }, issues };
}

/** Those that the scope's pipelines use come from the document, by key and by name; the others stay as they were applied. */
function mergeVariables(
  applied: readonly VariableDraft[],
  drafted: readonly VariableDraft[],
  taken: readonly PipelineDraft[],
): VariableDraft[] {
  const used = new Set<unknown>(taken.flatMap((pipeline) => [...variablesUsed(pipeline)]));
  const carried = drafted.filter(({ name }) => used.has(name));
  const keys = new Set(carried.map(({ key }) => key));
  const names = new Set(carried.map(({ name }) => name));
  // A variable that is gone from the document goes live as gone for those who use it: they are told it is undefined.
  const stay = applied.filter(({ key, name }) => !keys.has(key) && !names.has(name) && !used.has(name));
  return [...stay, ...carried];
}

/** A name in the scope that is nobody's is a mistake, not an empty Apply. */
function unknownNames(
  last: ManifestConfig,
  scope: Scope,
  taken: readonly PipelineDraft[],
  elsewhere: ReadonlySet<string>,
): ConfigIssue[] {
  if (scope.kind === 'all') return [];
  const applied = last.pipelines.filter(scopeFilter(scope));
  if (scope.kind === 'group') {
    if (taken.length + applied.length > 0) return [];
    const message = `There is no pipeline in the group \`${scope.group}\`: correct the path of the group.`;
    return [issue('/scope/group', 'scope.group_unknown', message)];
  }
  return scope.pipelines.flatMap((name, index) => {
    const path = pointer('scope', 'pipelines', String(index));
    if (taken.some(({ key, id }) => key === name || id === name)) return [];
    const found = applied.find(({ key, id }) => key === name || id === name);
    if (found === undefined) {
      const message = `There is no pipeline \`${name}\`: correct the id, or create the pipeline first.`;
      return [issue(path, 'scope.pipeline_unknown', message)];
    }
    if (!elsewhere.has(found.key)) return [];
    const message = `\`${name}\` has another id in the document now: name it by that id, or by its key ${found.key}.`;
    return [issue(path, 'scope.pipeline_renamed', message)];
  });
}

/** Outside the scope nothing may change, the value of a variable neither. */
function sharedVariables(
  before: readonly VariableDraft[],
  after: readonly VariableDraft[],
  kept: readonly PipelineDraft[],
): ConfigIssue[] {
  const valuesBefore = new Map(before.map(({ name, value }) => [name, value]));
  const valuesAfter = new Map(after.map(({ name, value }) => [name, value]));
  const users = new Map<string, string[]>();
  for (const pipeline of kept) {
    for (const name of variablesUsed(pipeline)) {
      if (valuesBefore.get(name) === valuesAfter.get(name)) continue;
      users.set(name, [...(users.get(name) ?? []), String(pipeline.id)]);
    }
  }
  return [...users]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, ids]) => {
      const others = ids.sort(compareText).map((id) => `\`${id}\``);
      const message = `\`${name}\` would change for ${others.join(', ')} outside the scope: include them in the Apply, or use another variable.`;
      return issue(pointer('variables', name), 'scope.variable_shared', message);
    });
}
