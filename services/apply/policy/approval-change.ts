// What an Apply would change, as a policy and an approver look at it: which pipelines of which groups it touches, and the digest of
// exactly the entries that differ. What differs elsewhere in the manifest is no part of it, so another group's Apply voids nothing.
import { utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import type { ManifestConfig, PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { asJson } from '@hakiri/manifest/canonical';
import { variablesUsed } from '@hakiri/manifest/check-variables';
import { diffManifests } from '@hakiri/manifest/diff';
import { digestOf } from '@hakiri/manifest/digest';
import { runtimeOf } from '@hakiri/manifest/runtime';
import type { Touched } from './policy.ts';

type Pair<Entry> = { before: Entry | undefined; after: Entry | undefined };
export type Change = {
  pipelines: Pair<PipelineConfig>[];
  variables: Pair<VariableConfig>[];
  /** Pipelines that stay as they are and use a variable whose value changes. */
  dependents: PipelineConfig[];
};

export function changeOf(before: ManifestConfig, after: ManifestConfig): Change {
  const diff = diffManifests(before, after);
  const pipelines = pairs(before.pipelines, after.pipelines, diff.pipelines);
  const variables = pairs(before.variables, after.variables, diff.variables);
  const names = new Set(
    variables
      .filter((pair) => pair.before?.value !== pair.after?.value || pair.before?.name !== pair.after?.name)
      .flatMap((pair) => [pair.before?.name, pair.after?.name]),
  );
  const changed = new Set(pipelines.map((pair) => pair.after?.key));
  const dependents =
    names.size === 0
      ? []
      : after.pipelines.filter(
          (pipeline) =>
            !changed.has(pipeline.key) && [...variablesUsed(pipeline)].some((name) => names.has(name)),
        );
  return { pipelines, variables, dependents };
}

export function touchedBy({ pipelines, variables, dependents }: Change): Touched[] {
  const values = new Set(variables.flatMap((pair) => [pair.before?.name, pair.after?.name]));
  return [
    ...pipelines.flatMap(({ before, after }): Touched[] => {
      const groups = {
        ...(before === undefined ? {} : { before: before.group }),
        ...(after === undefined ? {} : { after: after.group }),
      };
      const usesChanged = after !== undefined && [...variablesUsed(after)].some((name) => values.has(name));
      if (usesChanged || running(before) !== running(after)) return [{ what: 'runs', ...groups }];
      return before?.group === after?.group ? [] : [{ what: 'moved', ...groups }];
    }),
    ...dependents.map(({ group }): Touched => ({ what: 'runs', before: group, after: group })),
  ];
}

/** What is not there on one side is null there. With the values, after it, of all variables that changed pipelines use: an approver agreed to those, too. */
export async function digestOfChange(doc: string, change: Change, after: ManifestConfig): Promise<string> {
  const { pipelines, variables, dependents } = change;
  const content = { doc, pipelines, variables, dependents, used: usedVariables(change, after) };
  return digestOf(utf8(canonicalJson(asJson(content))));
}

/** Of a manifest, the variables that the changed pipelines use. */
export function usedVariables({ pipelines }: Change, of: ManifestConfig): VariableConfig[] {
  const names = new Set(pipelines.flatMap(({ after }) => (after ? [...variablesUsed(after)] : [])));
  return of.variables.filter(({ name }) => names.has(name));
}

function pairs<Entry extends { key: string }>(
  before: readonly Entry[],
  after: readonly Entry[],
  changes: readonly { key: string }[],
): Pair<Entry>[] {
  const keys = new Set(changes.map(({ key }) => key));
  const was = new Map(before.filter(({ key }) => keys.has(key)).map((entry) => [entry.key, entry]));
  const is = new Map(after.filter(({ key }) => keys.has(key)).map((entry) => [entry.key, entry]));
  return [...keys].sort().map((key) => ({ before: was.get(key), after: is.get(key) }));
}

function running(pipeline: PipelineConfig | undefined): string {
  return pipeline === undefined
    ? ''
    : canonicalJson(asJson(runtimeOf({ pipelines: [pipeline], variables: [] })));
}
