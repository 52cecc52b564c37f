// The shape of one pipeline or variable, field by field against the contract's JSON Schema, with a sentence for people.
// Schedules are not here: their check looks at the kind first (check-schedule.ts).
import {
  type ConfigIssue,
  PipelineConfig,
  type PipelineDraft,
  ScheduleConfig,
  VariableConfig,
  type VariableDraft,
} from '@hakiri/contracts/config';
import { type Checker, checker } from './checker.ts';
import { issue } from './issue.ts';

const DOC_ADVICE = 'Name the document with lower-case letters, digits and "-", at most 40, or leave it out.';

export const PIPELINE_ADVICE = {
  key: 'The key must be a ULID: leave it out of the file, or create the pipeline through the editor or the API.',
  id: 'Give the pipeline an id of lower-case letters, digits, ".", "_" and "-", at most 100, that begins with a letter or a digit.',
  name: 'Write the name as text of at most 200 characters.',
  description: 'Write the description as text of at most 10,000 characters.',
  tags: 'Write the tags as a list of at most 100 texts, each of 1 to 100 characters.',
  group: 'Write the group as a path of at most 500 characters, such as `finance/daily`.',
  doc: DOC_ADVICE,
  enabled: 'Set `enabled` to true or false.',
  source:
    'Give the source a `kind` and a `ref`, both text; its other options are texts, numbers or booleans.',
  destination:
    'Give the destination a `table` of letters, digits, "_" and "." that begins with a letter, and if you like a `partition_by`.',
  placement: 'Set the placement to kind `auto`, `node` or `label`, with the pool, node or label as `target`.',
  transforms:
    'Give each transform a ULID as `key`, a `kind` (filter, select, polars or wasm), a `body` of at most 65,536 characters and a list of column names as `inputs`.',
  schema: 'Give each column a `type`, and if you like `nullable` as true or false.',
} as const;
type PipelineField = keyof typeof PIPELINE_ADVICE;

export const VARIABLE_ADVICE = {
  key: 'The key must be a ULID: leave it out of the file, or create the variable through the editor or the API.',
  name: 'Name the variable with capital letters, digits and "_", beginning with a letter, at most 100.',
  doc: DOC_ADVICE,
  value: 'Write the value as text of at most 10,000 characters.',
  comment: 'Write the comment as text of at most 2,000 characters.',
} as const;

const pipelineFields = Object.entries(PIPELINE_ADVICE).map(([field, advice]) => ({
  field: field as PipelineField,
  advice,
  check: checker(PipelineConfig.properties[field as PipelineField]),
}));
const variableFields = Object.entries(VARIABLE_ADVICE).map(([field, advice]) => ({
  field: field as keyof typeof VARIABLE_ADVICE,
  advice,
  check: checker(VariableConfig.properties[field as keyof typeof VARIABLE_ADVICE]),
}));

export const wholePipeline = checker(PipelineConfig);
export const wholeSchedule = checker(ScheduleConfig);
export const wholeVariable = checker(VariableConfig);

/** `path` is the pipeline's own pointer. */
export function checkPipelineFields(draft: PipelineDraft, path: string): ConfigIssue[] {
  return pipelineFields.flatMap(({ field, advice, check }) =>
    isLeftOut(field, draft) ? [] : fieldIssues(draft[field], check, field, `${path}/${field}`, advice),
  );
}

export function checkVariableFields(draft: VariableDraft, path: string): ConfigIssue[] {
  return variableFields.flatMap(({ field, advice, check }) =>
    isLeftOut(field, draft)
      ? []
      : fieldIssues(draft[field], check, `variable.${field}`, `${path}/${field}`, advice),
  );
}

/** The one field that may be absent. */
function isLeftOut(field: string, { doc }: { doc?: unknown }): boolean {
  return field === 'doc' && doc === undefined;
}

function fieldIssues(
  value: unknown,
  check: Pick<Checker<never>, 'faults'> & { accepts(value: unknown): boolean },
  code: string,
  path: string,
  advice: string,
): ConfigIssue[] {
  if (check.accepts(value)) return [];
  if (value === null || value === undefined) return [issue(path, `${code}.missing`, advice)];
  return deepest(check.faults(value).map((fault) => fault.path)).map((at) =>
    issue(`${path}${at}`, `${code}.invalid`, advice),
  );
}

/** A fault inside a value is often reported at the value too: only the inner place helps. */
function deepest(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other !== path && other.startsWith(`${path}/`)));
}
