// An Apply of a part: the last applied configuration, with what the scope takes replaced by the document's draft of it. What is
// outside keeps exactly what was last applied, and so do the values of the variables that it uses. Whatever belongs to another
// document of the team is outside, unless this document has it now and the other has not.
import { isRecord } from '@hakiri/base/json';
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineConfig,
  PipelineDraft,
} from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Scope } from '@hakiri/contracts/scope';
import { canonicalGroup, canonicalPipeline, canonicalVariable, documentOf } from './canonical.ts';
import { inDocument } from './documents.ts';
import { issue, pointer } from './issue.ts';
import { mergeVariables } from './merge-variables.ts';
import { suggesting } from './nearest.ts';
import { namesOf, scopeFilter } from './scope.ts';

type Merged = {
  /** The whole of what would be published; not validated yet. */
  draft: ConfigDraft;
  /** What is wrong with the scope itself; to be shown together with what validation finds. */
  issues: ConfigIssue[];
};

/** What is known of pipelines beyond the draft, by key. */
export type Whereabouts = {
  /** The document that is applied; the default one when absent. */
  doc?: string;
  /** Of those that `missingFromScope` named: the document still has them, under another id or in another group. */
  elsewhere?: ReadonlySet<string>;
  /** Of the same: moved to that document, which has not taken them live yet. */
  moved?: ReadonlyMap<string, string>;
  /** Of those that `claimedFromOthers` named: that document still has them too. */
  contested?: ReadonlyMap<string, string>;
};

/**
 * Keys of applied pipelines that the scope takes although the document's draft of the scope does not have them. They were
 * deleted from the document, unless it has them elsewhere (moved to another group, or renamed) or another document has them
 * now: ask, and hand what was found to `mergeScope`.
 */
export function missingFromScope(
  last: ManifestConfig,
  scope: Scope,
  draft: ConfigDraft,
  doc: string = DEFAULT_DOC,
): string[] {
  const drafted = new Set(draft.pipelines.map(({ key }) => key));
  return last.pipelines
    .filter((pipeline) => documentOf(pipeline) === doc)
    .filter(scopeFilter(scope))
    .map(({ key }) => key)
    .filter((key) => !drafted.has(key));
}

/** Keys of the draft that were applied from other documents, by document: each is taken over unless that document still has it. */
export function claimedFromOthers(
  last: ManifestConfig,
  draft: ConfigDraft,
  doc: string,
): Map<string, string[]> {
  const drafted = new Set(draft.pipelines.map(({ key }) => key));
  const claimed = last.pipelines.filter(
    (pipeline) => drafted.has(pipeline.key) && documentOf(pipeline) !== doc,
  );
  return new Map(
    [...Map.groupBy(claimed, documentOf)].map(([other, pipelines]) => [
      other,
      pipelines.map(({ key }) => key),
    ]),
  );
}

/** `draft` holds the pipelines that the document has in the scope, and all of the document's variables. */
export function mergeScope(
  last: ManifestConfig,
  scope: Scope,
  draft: ConfigDraft,
  whereabouts: Whereabouts = {},
): Merged {
  const { doc = DEFAULT_DOC, elsewhere = new Set(), moved = new Map(), contested = new Map() } = whereabouts;
  const own = inDocument(draft, doc);
  const taken = unchangedAsApplied(last, own.pipelines.map(canonicalPipeline));
  const takenKeys = new Set(taken.map(({ key }) => key));
  const isInScope = scopeFilter(scope);
  const kept = last.pipelines.filter((pipeline) => {
    const { key } = pipeline;
    if (takenKeys.has(key)) return false;
    return documentOf(pipeline) !== doc || !isInScope(pipeline) || elsewhere.has(key) || moved.has(key);
  });
  const { variables, issues } = mergeVariables(last.variables, own.variables.map(canonicalVariable), {
    doc,
    isWhole: scope.kind === 'all',
    taken,
    kept,
  });
  return {
    draft: { pipelines: [...kept, ...taken], variables },
    issues: [
      ...contestedPipelines(taken, contested),
      ...unknownNames(last, scope, taken, { doc, elsewhere, moved }),
      ...issues,
    ],
  };
}

/** What did not change stays the very entry that was applied, so that all that is known of it holds. */
function unchangedAsApplied(last: ManifestConfig, taken: readonly PipelineDraft[]): PipelineDraft[] {
  const wanted = new Map(taken.map((pipeline) => [pipeline.key, pipeline]));
  const same = new Map<PipelineDraft, PipelineDraft>();
  for (const applied of last.pipelines) {
    const pipeline = wanted.get(applied.key);
    if (pipeline !== undefined && isSameEntry(applied, pipeline)) same.set(pipeline, applied);
  }
  return taken.map((pipeline) => same.get(pipeline) ?? pipeline);
}

/** Canonical entries: the same fields stand in the same order. */
export function isSameEntry(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSameEntry(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const fields = Object.keys(a);
  const others = Object.keys(b);
  return (
    fields.length === others.length &&
    fields.every((field, index) => field === others[index] && isSameEntry(a[field], b[field]))
  );
}

/** Two documents with one pipeline: nobody could say which of them it is. */
function contestedPipelines(
  taken: readonly PipelineDraft[],
  contested: ReadonlyMap<string, string>,
): ConfigIssue[] {
  return taken.flatMap(({ key, id }) => {
    const other = contested.get(key);
    if (other === undefined) return [];
    const name = typeof id === 'string' && id !== '' ? id : key;
    const message = `The document ${other} has \`${name}\` too (${key}), and it was applied from there: finish the move, or delete it in one of the two.`;
    return [issue(pointer('pipelines', name, 'key'), 'doc.contested', message)];
  });
}

/** A name in the scope that is nobody's is a mistake, not an empty Apply. */
function unknownNames(
  last: ManifestConfig,
  scope: Scope,
  taken: readonly PipelineDraft[],
  knownOf: Required<Omit<Whereabouts, 'contested'>>,
): ConfigIssue[] {
  if (scope.kind === 'all') return [];
  const { groups, pipelines } = namesOf(scope);
  return [
    ...unknownGroups(last, scope, groups, taken, knownOf),
    ...unknownPipelines(last, pipelines, taken, knownOf),
  ];
}

function unknownGroups(
  last: ManifestConfig,
  scope: Scope,
  groups: readonly string[],
  taken: readonly PipelineDraft[],
  { doc }: { doc: string },
): ConfigIssue[] {
  return groups.flatMap((group, index) => {
    const isInGroup = scopeFilter({ kind: 'group', group });
    if (taken.some(isInGroup)) return [];
    if (last.pipelines.some((pipeline) => documentOf(pipeline) === doc && isInGroup(pipeline))) return [];
    const path = scope.kind === 'group' ? '/scope/group' : pointer('scope', 'groups', String(index));
    const known = new Set([...taken, ...last.pipelines].map((pipeline) => String(pipeline.group)));
    const message = `There is no pipeline in the group \`${group}\`: correct the path of the group.`;
    return [suggesting(issue(path, 'scope.group_unknown', message), canonicalGroup(group), known)];
  });
}

function unknownPipelines(
  last: ManifestConfig,
  names: readonly string[],
  taken: readonly PipelineDraft[],
  { doc, elsewhere, moved }: Required<Omit<Whereabouts, 'contested'>>,
): ConfigIssue[] {
  const takenNames = new Set<unknown>(taken.flatMap(({ key, id }) => [key, id]));
  const missing = new Set<unknown>(names.filter((name) => !takenNames.has(name)));
  if (missing.size === 0) return [];
  const found = new Map<string, PipelineConfig>();
  const others = new Map<string, PipelineConfig>();
  for (const pipeline of last.pipelines) {
    const into = documentOf(pipeline) === doc ? found : others;
    for (const name of [pipeline.key, pipeline.id])
      if (missing.has(name) && !into.has(name)) into.set(name, pipeline);
  }
  return names.flatMap((name, index) => {
    if (!missing.has(name)) return [];
    const path = pointer('scope', 'pipelines', String(index));
    const applied = found.get(name);
    const other = applied === undefined ? others.get(name) : undefined;
    if (other !== undefined) {
      const message = `\`${name}\` is of the document ${documentOf(other)}: apply that one, or move the pipeline here first.`;
      return [issue(path, 'scope.pipeline_elsewhere', message)];
    }
    if (applied === undefined) {
      const known = new Set([...taken, ...last.pipelines].map(({ id }) => String(id)));
      const message = `There is no pipeline \`${name}\`: correct the id, or create the pipeline first.`;
      return [suggesting(issue(path, 'scope.pipeline_unknown', message), name, known)];
    }
    const target = moved.get(applied.key);
    if (target !== undefined) {
      const message = `\`${name}\` was moved to the document ${target}: apply it from there.`;
      return [issue(path, 'scope.pipeline_elsewhere', message)];
    }
    if (!elsewhere.has(applied.key)) return [];
    const message = `\`${name}\` has another id in the document now: name it by that id, or by its key ${applied.key}.`;
    return [issue(path, 'scope.pipeline_renamed', message)];
  });
}
