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
import { isCosmetic } from './cosmetic.ts';
import { isWholePipeline, isWholeVariable, pipelineFacts, variableFacts } from './facts.ts';
import { type Placed, pointer } from './issue.ts';
import { sortedNear } from './sorted-near.ts';

type Validated = {
  /** Canonical; only when no issue is an error. */
  config?: ManifestConfig;
  issues: ConfigIssue[];
};

export type ValidationContext = {
  /** What is live: a secret or a number that is live already is a warning, as refusing it would take nothing back. */
  applied?: ManifestConfig | undefined;
  /** Keys of what is asked to go live: a secret in a text that people alone read, which may have gone live by itself, stops it. */
  asked?: ReadonlySet<string> | undefined;
  /** Who is there to run what is asked, or all; when absent, placements are not looked at. */
  places?: KnownPlaces | undefined;
};

type Root = 'pipelines' | 'variables';

/** Shared by a configuration and those that came of it. */
const indexes = new WeakMap<ManifestConfig, ConfigIndex>();

export function validateConfig(
  draft: ConfigDraft,
  { applied, asked, places }: ValidationContext = {},
): Validated {
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
    ...valueIssues(
      index,
      pathOf,
      variables,
      (draft, root, path) => isLive(draft) && !(asked?.has(draft.key) && isCosmetic(root, path)),
    ),
    ...checkRepeats(index, pathOf, variables),
    ...checkReferences(
      index,
      pathOf,
      variables.map((variable) => variable.draft),
    ),
    ...checkTriggers(index, pathOf),
    ...(places === undefined ? [] : checkPlaces(index, pathOf, places, ({ key }) => asked?.has(key) ?? true)),
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

function valueIssues(
  index: ConfigIndex,
  pathOf: (draft: PipelineDraft) => string,
  variables: readonly Placed<VariableDraft>[],
  isTolerated: (draft: PipelineDraft | VariableDraft, root: Root, path: string) => boolean,
): ConfigIssue[] {
  const told = (root: Root, draft: PipelineDraft | VariableDraft, found: readonly ConfigIssue[]) =>
    found.map(
      (issue): ConfigIssue =>
        isTolerated(draft, root, issue.path) ? { ...issue, severity: 'warning' } : issue,
    );
  return [
    ...index
      .inOrder(index.faultyInValues)
      .flatMap((pipeline) =>
        at(pathOf(pipeline), told('pipelines', pipeline, pipelineFacts(pipeline).inValues)),
      ),
    ...variables.flatMap(({ draft, path }) =>
      at(path, told('variables', draft, variableFacts(draft).inValues)),
    ),
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
