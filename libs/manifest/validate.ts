// Whether a configuration may go live: every pipeline and variable against its schema, then what they mean together. All issues
// come at once; only without an error is there a ManifestConfig.
import { assert } from '@hakiri/base/assert';
import type {
  ConfigDraft,
  ConfigIssue,
  ManifestConfig,
  PipelineDraft,
  VariableDraft,
} from '@hakiri/contracts/config';
import { byIdThenKey, byNameThenKey, canonicalPipeline, canonicalVariable } from './canonical.ts';
import {
  checkPipelineFields,
  checkVariableFields,
  wholePipeline,
  wholeSchedule,
  wholeVariable,
} from './check-fields.ts';
import { checkMeaning } from './check-meaning.ts';
import { checkRepeats } from './check-repeats.ts';
import { createScheduleChecker } from './check-schedule.ts';
import { checkTriggers, type Triggered } from './check-triggers.ts';
import { checkReferences } from './check-variables.ts';
import { type Placed, pointer } from './issue.ts';

type Validated = {
  /** Canonical; only when no issue is an error. */
  config?: ManifestConfig;
  issues: ConfigIssue[];
};

export function validateConfig(draft: ConfigDraft): Validated {
  const pipelines = place(draft.pipelines.map(canonicalPipeline), 'pipelines', ({ id }) => id);
  const variables = place(draft.variables.map(canonicalVariable), 'variables', ({ name }) => name);
  const issues = [
    ...pipelineIssues(pipelines),
    ...variables.flatMap(({ draft: variable, path }) =>
      wholeVariable.accepts(variable) ? [] : checkVariableFields(variable, path),
    ),
    ...checkRepeats(pipelines, variables),
    ...checkReferences(
      pipelines,
      variables.map((variable) => variable.draft),
    ),
    ...checkTriggers(pipelines.map(triggered)),
  ];
  if (issues.some(({ severity }) => severity === 'error')) return { issues };
  return { config: collect(pipelines, variables), issues };
}

function pipelineIssues(pipelines: readonly Placed<PipelineDraft>[]): ConfigIssue[] {
  const checkSchedule = createScheduleChecker();
  return pipelines.flatMap(({ draft, path }) => [
    ...(wholePipeline.accepts(draft) ? [] : checkPipelineFields(draft, path)),
    ...checkSchedule(draft.schedule, `${path}/schedule`),
    ...checkMeaning(draft, path),
  ]);
}

/** Pointers by the name that people know; by key, or by position, where there is none or it is not the only one. */
function place<Draft extends { key: string }>(
  drafts: readonly Draft[],
  root: string,
  nameOf: (draft: Draft) => unknown,
): Placed<Draft>[] {
  const counts = new Map<unknown, number>();
  for (const draft of drafts) counts.set(nameOf(draft), (counts.get(nameOf(draft)) ?? 0) + 1);
  return drafts.map((draft, index) => {
    const name = nameOf(draft);
    const isUnique = typeof name === 'string' && name !== '' && counts.get(name) === 1;
    const label = isUnique ? name : draft.key || `#${index + 1}`;
    return { draft, path: pointer(root, label) };
  });
}

function triggered({ draft, path }: Placed<PipelineDraft>): Triggered {
  const schedule = wholeSchedule.accepts(draft.schedule) ? draft.schedule : undefined;
  return { id: String(draft.id), path, enabled: draft.enabled !== false, schedule };
}

function collect(
  pipelines: readonly Placed<PipelineDraft>[],
  variables: readonly Placed<VariableDraft>[],
): ManifestConfig {
  const config = {
    pipelines: pipelines
      .map(({ draft }) => draft)
      .filter(wholePipeline.accepts)
      .sort(byIdThenKey),
    variables: variables
      .map(({ draft }) => draft)
      .filter(wholeVariable.accepts)
      .sort(byNameThenKey),
  };
  const isWhole =
    config.pipelines.length === pipelines.length && config.variables.length === variables.length;
  assert(isWhole, 'what does not fit its schema has an issue that says so');
  return config;
}
