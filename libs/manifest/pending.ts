// How what was touched in a document differs from what is applied of it.
import { jsonEqual } from '@hakiri/base/json';
import type { PipelineChange } from '@hakiri/contracts/apply';
import type { ConfigDraft, ManifestConfig, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { PendingChange } from '@hakiri/contracts/pending';
import { asJson, canonicalPipeline, canonicalVariable, compareText, documentOf } from './canonical.ts';
import { isCosmetic } from './cosmetic.ts';
import { diffDrafts } from './diff.ts';
import { inDocument } from './documents.ts';

/** What was touched, as the document has it now. */
export type TouchedNow = ConfigDraft & {
  gone: { pipelines: readonly string[]; variables: readonly string[] };
  /** Keys of what is too large to be looked at. */
  tooLarge: readonly string[];
};

export type Compared = {
  pipelines: PendingChange[];
  variables: PendingChange[];
  /** Keys of what does not differ. */
  same: { pipelines: string[]; variables: string[] };
};

/** `moved`: keys of pipelines that left the document for another, where they are applied from. */
export function comparePending(
  applied: ManifestConfig,
  touched: TouchedNow,
  doc: string,
  moved: ReadonlySet<string> = new Set(),
): Compared {
  const own = inDocument(touched, doc);
  const result: Compared = { pipelines: [], variables: [], same: { pipelines: [], variables: [] } };
  const pipelines = new Map(applied.pipelines.map((entry) => [entry.key, entry]));
  const variables = new Map(applied.variables.map((entry) => [entry.key, entry]));
  const add = (root: 'pipelines' | 'variables', key: string, change: PipelineChange | undefined): void => {
    if (change === undefined) result.same[root].push(key);
    else result[root].push({ ...change, cosmetic: isAllCosmetic(root, change) });
  };

  for (const draft of own.pipelines)
    add('pipelines', draft.key, changeOfPipeline(pipelines.get(draft.key), canonicalPipeline(draft)));
  for (const key of touched.gone.pipelines) {
    const entry = pipelines.get(key);
    const isGone = entry !== undefined && documentOf(entry) === doc && !moved.has(key);
    add('pipelines', key, isGone ? { kind: 'removed', key, id: entry.id } : undefined);
  }
  const shared = new Map(
    applied.variables.filter((entry) => documentOf(entry) !== doc).map((entry) => [entry.name, entry.value]),
  );
  for (const draft of own.variables) {
    const now = canonicalVariable(draft);
    const entry = variables.get(draft.key);
    // Another document's variable with this name and value serves both.
    const isShared =
      entry === undefined && typeof now.name === 'string' && shared.get(now.name) === now.value;
    add('variables', draft.key, isShared ? undefined : changeOfVariable(entry, now));
  }
  for (const key of touched.gone.variables) {
    const entry = variables.get(key);
    const isGone = entry !== undefined && documentOf(entry) === doc;
    add('variables', key, isGone ? { kind: 'removed', key, id: entry.name } : undefined);
  }
  for (const key of touched.tooLarge) {
    const [root, id] = variables.has(key)
      ? (['variables', variables.get(key)?.name ?? key] as const)
      : (['pipelines', pipelines.get(key)?.id ?? key] as const);
    add(root, key, { kind: 'changed', key, id, fields: [{ path: '' }] });
  }
  for (const changes of [result.pipelines, result.variables])
    changes.sort((a, b) => compareText(a.id, b.id) || compareText(a.key, b.key));
  return result;
}

function changeOfPipeline(
  before: PipelineDraft | undefined,
  after: PipelineDraft,
): PipelineChange | undefined {
  if (before !== undefined && jsonEqual(asJson(before), asJson(after))) return undefined;
  const from = { pipelines: before === undefined ? [] : [before], variables: [] };
  const [change] = diffDrafts(from, { pipelines: [after], variables: [] }).pipelines;
  return change ?? unnamed(after.key, after.id);
}

function changeOfVariable(
  before: VariableDraft | undefined,
  after: VariableDraft,
): PipelineChange | undefined {
  if (before !== undefined && jsonEqual(asJson(before), asJson(after))) return undefined;
  const from = { pipelines: [], variables: before === undefined ? [] : [before] };
  const [change] = diffDrafts(from, { pipelines: [], variables: [after] }).variables;
  return change ?? unnamed(after.key, after.name);
}

/** It differs in what has no path, such as steps that are no list. */
function unnamed(key: string, name: unknown): PipelineChange {
  return { kind: 'changed', key, id: typeof name === 'string' ? name : key, fields: [{ path: '' }] };
}

function isAllCosmetic(root: 'pipelines' | 'variables', change: PipelineChange): boolean {
  return change.kind === 'changed' && change.fields.every(({ path }) => isCosmetic(root, path));
}
