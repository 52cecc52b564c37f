// A configuration as JSON, for import: `{"pipelines": […], "variables": […]}` with the fields of the contract. As in TOML, keys
// and whatever has a default may be left out, and a field that nobody knows is refused.
import { isRecord } from '@hakiri/base/json';
import { type ConfigDraft, type ConfigIssue, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { type Static, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const closed = { additionalProperties: false };
const PartialPipeline = Type.Partial(PipelineDraft, closed);
const PartialVariable = Type.Partial(VariableDraft, closed);
const ConfigJson = TypeCompiler.Compile(
  Type.Object(
    {
      format: Type.Optional(Type.Literal(1)),
      pipelines: Type.Optional(Type.Array(PartialPipeline)),
      variables: Type.Optional(Type.Array(PartialVariable)),
    },
    closed,
  ),
);
const ISSUES_LIMIT = 100;

export function parseConfigJson(
  text: string,
): { kind: 'parsed'; draft: ConfigDraft } | { kind: 'refused'; issues: ConfigIssue[]; draft?: ConfigDraft } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      kind: 'refused',
      issues: [issueAt('', 'json.syntax', 'This is not JSON. Correct it and try again.')],
    };
  }
  if (!ConfigJson.Check(value)) {
    const misfits = [...ConfigJson.Errors(value)].slice(0, ISSUES_LIMIT);
    return {
      kind: 'refused',
      draft: isRecord(value) ? readable(value) : { pipelines: [], variables: [] },
      issues: misfits.map(({ path, message }) =>
        issueAt(path, 'json.misfit', `${message}: write the configuration as export?format=json does.`),
      ),
    };
  }
  return {
    kind: 'parsed',
    draft: {
      pipelines: (value.pipelines ?? []).map(wholePipeline),
      variables: (value.variables ?? []).map(wholeVariable),
    },
  };
}

/** What is there in spite of misfits, so that what else is wrong is said at once. */
function readable({ pipelines, variables }: Record<string, unknown>): ConfigDraft {
  const recordsOf = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);
  const keyOf = (key: unknown): { key: string } => ({ key: typeof key === 'string' ? key : '' });
  return {
    pipelines: recordsOf(pipelines).map((part) => wholePipeline({ ...part, ...keyOf(part.key) })),
    variables: recordsOf(variables).map((part) => wholeVariable({ ...part, ...keyOf(part.key) })),
  };
}

function wholePipeline(part: Static<typeof PartialPipeline>): PipelineDraft {
  const { key = '', id, name, description, tags, group, doc, enabled, source, destination } = part;
  const { schedule, placement, transforms, schema } = part;
  return {
    key,
    id,
    name,
    description,
    tags,
    group,
    doc,
    enabled,
    source,
    destination,
    schedule,
    placement,
    transforms: Array.isArray(transforms) ? transforms : [],
    schema,
  };
}

function wholeVariable({
  key = '',
  name,
  doc,
  value,
  comment,
}: Static<typeof PartialVariable>): VariableDraft {
  return { key, name, doc, value, comment };
}

function issueAt(path: string, code: string, message: string): ConfigIssue {
  return { path, code, message, severity: 'error' };
}
