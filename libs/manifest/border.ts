// References across the border of a scope: what an Apply of a part would need of the rest of the document. Each step takes in what
// an error cannot do without, so what comes out is the smallest scope that would do, when there is one.
import type { ConfigDraft, ConfigIssue, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Scope } from '@hakiri/contracts/scope';
import { canonicalPipeline, documentOf } from './canonical.ts';
import { variablesUsed } from './check-variables.ts';
import { inDocument } from './documents.ts';
import { pipelineFacts } from './facts.ts';
import { pointer, warning } from './issue.ts';
import { mergeScope, missingFromScope, type Whereabouts } from './merge.ts';
import { scopeFilter, widened } from './scope.ts';
import { validateConfig } from './validate.ts';

/** Steps to the smallest scope; each takes in at least one pipeline. */
const STEPS_LIMIT = 20;
/** More than so many pipelines are not looked at one by one for those that could be left out. */
const SPARE_LIMIT = 16;

type Needs = { keys: Set<string>; blamed: Set<ConfigIssue> };

/**
 * `issues` are those of an Apply of `scope`; `whole` is all of the document at the same version. Issues that a wider scope would
 * solve come back with the smallest one.
 */
export function suggestScope(
  issues: readonly ConfigIssue[],
  last: ManifestConfig,
  scope: Scope,
  whole: ConfigDraft,
  whereabouts: Whereabouts,
): ConfigIssue[] {
  const found = smallestScope(last, scope, whole, whereabouts);
  if (found === undefined) return [...issues];
  const { names, blamed } = found;
  const listed = names.slice(0, 10).map((name) => `\`${name}\``);
  const more = names.length > listed.length ? ` and ${names.length - listed.length} more` : '';
  const advice = `It would do with ${listed.join(', ')}${more} in the scope too.`;
  return issues.map((issue) =>
    blamed.has(`${issue.code} ${issue.path}`)
      ? {
          ...issue,
          message: `${issue.message} ${advice}`,
          suggestion: { ...issue.suggestion, scope: found.scope },
        }
      : issue,
  );
}

type Smallest = {
  scope: Scope;
  /** What it has that the narrower one had not: ids, or keys where an id says too little. */
  names: string[];
  /** `code path` of the issues of the narrower one that called for it. */
  blamed: Set<string>;
};

/** Undefined when no wider scope would do, or this one does. */
function smallestScope(
  last: ManifestConfig,
  scope: Scope,
  whole: ConfigDraft,
  whereabouts: Whereabouts = {},
): Smallest | undefined {
  if (scope.kind === 'all') return undefined;
  const { doc = DEFAULT_DOC } = whereabouts;
  const drafted = inDocument(whole, doc).pipelines.map(canonicalPipeline);
  const added = new Set<string>();
  let blamed: Set<string> | undefined;
  for (let step = 0; step < STEPS_LIMIT; step++) {
    const current = widened(scope, [...added]);
    const outcome = outcomeOf(last, current, { drafted, whole }, { ...whereabouts, doc });
    if (outcome.errors.length === 0) {
      if (added.size === 0 || blamed === undefined) return undefined;
      const does = (keys: readonly string[]) =>
        outcomeOf(last, widened(scope, keys), { drafted, whole }, { ...whereabouts, doc }).errors.length ===
        0;
      const names = withoutSpare([...added], does).map(nameIn(drafted, last));
      return { scope: widened(scope, names), names, blamed };
    }
    const needs = needsOf(outcome, last, drafted, doc);
    if (needs.keys.size === 0) return undefined;
    blamed ??= new Set([...needs.blamed].map(({ code, path }) => `${code} ${path}`));
    for (const key of needs.keys) added.add(key);
  }
  return undefined;
}

/** Where an error could be solved in several ways, all were taken in: each that it does without goes again. */
function withoutSpare(
  keys: readonly string[],
  does: (keys: readonly string[]) => boolean,
): readonly string[] {
  if (keys.length > SPARE_LIMIT) return keys;
  const spare = keys.find((key) => does(keys.filter((other) => other !== key)));
  return spare === undefined
    ? keys
    : withoutSpare(
        keys.filter((key) => key !== spare),
        does,
      );
}

type Outcome = {
  errors: ConfigIssue[];
  /** What would be published, and of that what the scope takes. */
  merged: readonly PipelineDraft[];
  taken: ReadonlySet<string>;
};

function outcomeOf(
  last: ManifestConfig,
  scope: Scope,
  { drafted, whole }: { drafted: readonly PipelineDraft[]; whole: ConfigDraft },
  whereabouts: Whereabouts & { doc: string },
): Outcome {
  const inScope = drafted.filter(scopeFilter(scope));
  const draft = { pipelines: inScope, variables: whole.variables };
  const present = new Set(drafted.map(({ key }) => key));
  const missing = missingFromScope(last, scope, draft, whereabouts.doc);
  const elsewhere = new Set(missing.filter((key) => present.has(key)));
  const { draft: merged, issues } = mergeScope(last, scope, draft, { ...whereabouts, elsewhere });
  const all = [...issues, ...validateConfig(merged, { applied: last }).issues];
  return {
    errors: all.filter(({ severity }) => severity === 'error'),
    merged: merged.pipelines,
    taken: new Set([...inScope.map(({ key }) => key), ...missing.filter((key) => !elsewhere.has(key))]),
  };
}

/** Keys of pipelines outside the scope that the errors cannot do without, and those errors. */
function needsOf(
  { errors, merged, taken }: Outcome,
  last: ManifestConfig,
  drafted: readonly PipelineDraft[],
  doc: string,
): Needs {
  const ofDocument = new Map(drafted.map((pipeline) => [pipeline.key, pipeline]));
  const applied = new Map(last.pipelines.map((pipeline) => [pipeline.key, pipeline]));
  const isOutside = (pipeline: PipelineDraft) => !taken.has(pipeline.key) && documentOf(pipeline) === doc;
  const changes = (pipeline: PipelineDraft) => {
    const there = ofDocument.get(pipeline.key);
    return there === undefined || JSON.stringify(there) !== JSON.stringify(applied.get(pipeline.key));
  };
  const needs: Needs = { keys: new Set(), blamed: new Set() };
  for (const error of errors) {
    for (const { key } of wanted(error, merged, drafted, isOutside, changes)) {
      needs.keys.add(key);
      needs.blamed.add(error);
    }
  }
  return needs;
}

function wanted(
  { code, path }: ConfigIssue,
  merged: readonly PipelineDraft[],
  drafted: readonly PipelineDraft[],
  isOutside: (pipeline: PipelineDraft) => boolean,
  changes: (pipeline: PipelineDraft) => boolean,
): PipelineDraft[] {
  if (code === 'scope.variable_shared') {
    const users = merged.filter((pipeline) =>
      [...variablesUsed(pipeline)].some((name) => path === pointer('variables', name)),
    );
    return users.filter(isOutside);
  }
  const at = merged.filter(({ id, key }) =>
    [String(id), key].some((name) => path.startsWith(`${pointer('pipelines', name)}/`)),
  );
  if (code === 'schedule.reference_unknown') {
    const targets = new Set(at.map((pipeline) => pipelineFacts(pipeline).awaits));
    const found = drafted.filter((pipeline) => targets.has(String(pipeline.id)) && isOutside(pipeline));
    // Several of one id are wrong in any scope; of those one is enough to say so.
    if (found.length > 0) return found.slice(0, 1);
  }
  // What stays as it was applied is at fault with something new: it changed in the document, so it may go along.
  return at.filter((pipeline) => isOutside(pipeline) && changes(pipeline));
}

/** The human id when it says the same of the document and of what is applied; else the key. */
function nameIn(drafted: readonly PipelineDraft[], last: ManifestConfig): (key: string) => string {
  const keysOf = Map.groupBy(
    [...drafted, ...last.pipelines].map(({ id, key }) => ({ id, key })),
    ({ id }) => id,
  );
  const ids = new Map([...last.pipelines, ...drafted].map(({ id, key }) => [key, id]));
  return (key) => {
    const id = ids.get(key);
    const isClear =
      typeof id === 'string' && id !== '' && keysOf.get(id)?.every((other) => other.key === key);
    return isClear ? id : key;
  };
}

/** Ids that pipelines of the scope wait for and that it does not take. */
export function awaitedOutside(draft: ConfigDraft): string[] {
  const taken = draft.pipelines.map(canonicalPipeline);
  const ids = new Set(taken.map(({ id }) => id));
  const awaited = taken.flatMap((pipeline) => pipelineFacts(pipeline).awaits ?? []);
  return [...new Set(awaited)].filter((id) => !ids.has(id));
}

/** `outside` are the pipelines of those ids as the document has them: who waits for one that changed is told that it waits for the applied one. */
export function warnOfChanged(
  last: ManifestConfig,
  scope: Scope,
  draft: ConfigDraft,
  outside: readonly PipelineDraft[],
  doc: string = DEFAULT_DOC,
): ConfigIssue[] {
  const applied = new Map(last.pipelines.map((pipeline) => [pipeline.key, JSON.stringify(pipeline)]));
  const changed = new Map(
    inDocument({ pipelines: [...outside], variables: [] }, doc)
      .pipelines.map(canonicalPipeline)
      .filter(
        (pipeline) => applied.has(pipeline.key) && applied.get(pipeline.key) !== JSON.stringify(pipeline),
      )
      .map((pipeline) => [pipeline.id, pipeline]),
  );
  if (changed.size === 0) return [];
  return draft.pipelines.map(canonicalPipeline).flatMap((pipeline) => {
    const { awaits } = pipelineFacts(pipeline);
    const target = awaits === undefined ? undefined : changed.get(awaits);
    if (target === undefined) return [];
    const path = pointer('pipelines', String(pipeline.id), 'schedule', 'expr');
    const message = `\`${awaits}\` changed in the document and is not in the scope, so this waits for it as it was applied: include it when the two belong together.`;
    const found = warning(path, 'scope.reference_changed', message);
    return [{ ...found, suggestion: { scope: widened(scope, [String(target.id)]) } }];
  });
}
