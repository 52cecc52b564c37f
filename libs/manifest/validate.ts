// Whether a configuration may go live: every pipeline and variable against its schema, then what they mean together. All issues
// come at once; only without an error is there a ManifestConfig. The answer follows from the arguments alone; what is remembered
// (facts.ts, config-index.ts) makes it cheap when most entries are the ones of `applied`.
import { assert } from '@hakiri/base/assert';
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineDraft,
  VariableDraft,
} from '@hakiri/contracts/config';
import { byIdThenKey, byNameThenKey, canonicalPipeline, canonicalVariable } from './canonical.ts';
import { checkPlaces, type KnownPlaces } from './check-placement.ts';
import { checkRepeats } from './check-repeats.ts';
import { checkTriggers } from './check-triggers.ts';
import { checkReferences } from './check-variables.ts';
import { ConfigIndex } from './config-index.ts';
import { isWholePipeline, isWholeVariable, pipelineFacts, variableFacts } from './facts.ts';
import { type Placed, pointer } from './issue.ts';
import { sortedNear } from './sorted-near.ts';

type Validated = {
  /** Canonical; only when no issue is an error. */
  config?: ManifestConfig;
  issues: ConfigIssue[];
};

export type ValidationContext = {
  /** What is live: a literal that looks like a secret and is live already is a warning, as refusing it would take nothing back. */
  applied?: ManifestConfig | undefined;
  /** Who is there to run pipelines; when absent, placements are not looked at. */
  places?: KnownPlaces | undefined;
};

/** Shared by a configuration and those that came of it. */
const indexes = new WeakMap<ManifestConfig, ConfigIndex>();

export function validateConfig(draft: ConfigDraft, { applied, places }: ValidationContext = {}): Validated {
  const pipelines = eachOnce(draft.pipelines.map(canonicalPipeline));
  const variables = place(eachOnce(draft.variables.map(canonicalVariable)));
  const index = (applied && indexes.get(applied)) ?? new ConfigIndex();
  index.moveTo(pipelines);
  const pathOf = pathsIn(index);
  const isLive = liveIn(applied);
  const issues = [
    ...index
      .inOrder(index.faulty)
      .flatMap((pipeline) => at(pathOf(pipeline), pipelineFacts(pipeline).issues)),
    ...variables.flatMap(({ draft: variable, path }) => at(path, variableFacts(variable).issues)),
    ...secretIssues(index, pathOf, variables, isLive),
    ...checkRepeats(index, pathOf, variables),
    ...checkReferences(
      index,
      pathOf,
      variables.map((variable) => variable.draft),
    ),
    ...checkTriggers(index, pathOf),
    ...(places === undefined ? [] : checkPlaces(index, pathOf, places)),
  ];
  if (applied !== undefined) indexes.set(applied, index);
  if (issues.some(({ severity }) => severity === 'error')) return { issues };
  const config = collect(
    pipelines,
    variables.map((variable) => variable.draft),
    applied,
  );
  indexes.set(config, index);
  return { config, issues };
}

/** Pointers by the id that people know; by key, or by position, where there is none or it is not the only one. */
function pathsIn(index: ConfigIndex): (draft: PipelineDraft) => string {
  return (draft) => {
    const { id, key } = draft;
    const isUnique = typeof id === 'string' && id !== '' && index.ids.isOnly(id);
    return pointer('pipelines', isUnique ? id : key || `#${index.positionOf(draft) + 1}`);
  };
}

function place(drafts: readonly VariableDraft[]): Placed<VariableDraft>[] {
  const counts = new Map<unknown, number>();
  for (const { name } of drafts) counts.set(name, (counts.get(name) ?? 0) + 1);
  return drafts.map((draft, index) => {
    const { name, key } = draft;
    const isUnique = typeof name === 'string' && name !== '' && counts.get(name) === 1;
    return { draft, path: pointer('variables', isUnique ? name : key || `#${index + 1}`) };
  });
}

/** Entries are told apart by being other objects: one that is listed twice becomes two. */
function eachOnce<Draft extends object>(drafts: readonly Draft[]): readonly Draft[] {
  const seen = new Set(drafts);
  if (seen.size === drafts.length) return drafts;
  seen.clear();
  return drafts.map((draft) => {
    if (seen.has(draft)) return { ...draft };
    seen.add(draft);
    return draft;
  });
}

function at(path: string, issues: readonly ConfigIssue[]): ConfigIssue[] {
  return issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` }));
}

function secretIssues(
  index: ConfigIndex,
  pathOf: (draft: PipelineDraft) => string,
  variables: readonly Placed<VariableDraft>[],
  isLive: (draft: PipelineDraft | VariableDraft) => boolean,
): ConfigIssue[] {
  const told = (draft: PipelineDraft | VariableDraft, path: string, secrets: readonly ConfigIssue[]) =>
    at(path, secrets).map(
      (issue): ConfigIssue => (isLive(draft) ? { ...issue, severity: 'warning' } : issue),
    );
  return [
    ...index
      .inOrder(index.withSecrets)
      .flatMap((pipeline) => told(pipeline, pathOf(pipeline), pipelineFacts(pipeline).secrets)),
    ...variables.flatMap(({ draft, path }) => told(draft, path, variableFacts(draft).secrets)),
  ];
}

/** Only asked of the few that have something to be asked about. */
function liveIn(applied: ManifestConfig | undefined): (draft: PipelineDraft | VariableDraft) => boolean {
  let live: Set<unknown> | undefined;
  return (draft) => {
    live ??= new Set([...(applied?.pipelines ?? []), ...(applied?.variables ?? [])]);
    return live.has(draft);
  };
}

function collect(
  pipelines: readonly PipelineDraft[],
  variables: readonly VariableDraft[],
  applied: ManifestConfig | undefined,
): ManifestConfig {
  const config = {
    pipelines: sortedNear(pipelines.filter(isWholePipeline), applied?.pipelines, byIdThenKey),
    variables: sortedNear(variables.filter(isWholeVariable), applied?.variables, byNameThenKey),
  };
  const isWhole =
    config.pipelines.length === pipelines.length && config.variables.length === variables.length;
  assert(isWhole, 'what does not fit its schema has an issue that says so');
  return config;
}
