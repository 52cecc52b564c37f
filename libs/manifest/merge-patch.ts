// JSON Merge Patch (RFC 7396) of one pipeline. What it comes to has to be something that the document can hold: fields that there
// are, of their types. Whether it means something is for an Apply to say, as of any edit. Pure.
import { isRecord } from '@hakiri/base/json';
import { type ConfigIssue, PipelineConfig, type PipelineDraft } from '@hakiri/contracts/config';
import { checkValues } from './check-values.ts';
import { keyedTransforms } from './import.ts';
import { issue, pointer } from './issue.ts';
import { suggesting } from './nearest.ts';

type Patched = { kind: 'patched'; pipeline: PipelineDraft } | { kind: 'refused'; issues: ConfigIssue[] };

const FIELDS = Object.keys(PipelineConfig.properties);
/** What a pipeline is and where it is are no values of it. */
const FIXED: Record<string, string> = {
  key: 'The key of a pipeline stays: leave it out.',
  doc: 'A pipeline goes to another document with its group, through /v1/docs/<doc>/groups/move: leave it out.',
};
type Type = { name: string; fits(value: unknown): boolean };
type Types = Record<string, Type>;
const TEXT: Type = { name: 'a text', fits: isText };
const TEXTS: Type = {
  name: 'a list of texts',
  fits: (value) => Array.isArray(value) && value.every(isText),
};
const BOOLEAN: Type = { name: 'true or false', fits: (value) => typeof value === 'boolean' };
const OBJECT: Type = { name: 'an object', fits: isRecord };
const TYPES: Types = {
  id: TEXT,
  name: TEXT,
  description: TEXT,
  group: TEXT,
  enabled: BOOLEAN,
  tags: TEXTS,
  source: OBJECT,
  destination: OBJECT,
  schedule: OBJECT,
  placement: OBJECT,
  transforms: { name: 'a list of objects', fits: (value) => Array.isArray(value) && value.every(isRecord) },
  schema: OBJECT,
};
const TRANSFORM: Types = { key: TEXT, kind: TEXT, body: TEXT, inputs: TEXTS };
const COLUMN: Types = { type: TEXT, nullable: BOOLEAN };
/** Within a field of this name. A schedule has those of any of its kinds. */
const WITHIN: Record<string, Types> = {
  destination: { table: TEXT, partition_by: TEXT },
  schedule: { kind: TEXT, expr: TEXT, timezone: TEXT },
  placement: { kind: TEXT, target: TEXT },
};
/** Further fields of a source are options of its kind. */
const SOURCE: Types = { kind: TEXT, ref: TEXT };
const OPTION: Type = {
  name: 'a text, a number or true or false',
  fits: (value) => ['string', 'number', 'boolean'].includes(typeof value),
};

/** `newKey` makes a ULID for a transform that has none and is not one of before. */
export function patchPipeline(before: PipelineDraft, patch: unknown, newKey: () => string): Patched {
  if (!isRecord(patch))
    return {
      kind: 'refused',
      issues: [issue('', 'patch.type', 'Send an object with the fields to change.')],
    };
  const issues = Object.entries(patch).flatMap(([field, value]) => {
    const found = fieldIssues(field, value);
    return found.length > 0 ? found : checkValues(value, pointer(field));
  });
  if (issues.length > 0) return { kind: 'refused', issues };
  const pipeline = { ...before };
  for (const [field, value] of Object.entries(patch)) {
    const own = Object.entries(before).find(([name]) => name === field)?.[1];
    Object.assign(pipeline, { [field]: merged(own, value) ?? null });
  }
  if ('transforms' in patch)
    pipeline.transforms = keyedTransforms(
      Array.isArray(pipeline.transforms) ? pipeline.transforms.map(withKey) : [],
      before.transforms,
      newKey,
    );
  return { kind: 'patched', pipeline };
}

function fieldIssues(field: string, value: unknown): ConfigIssue[] {
  const fixed = Object.hasOwn(FIXED, field) ? FIXED[field] : undefined;
  if (fixed !== undefined) return [issue(pointer(field), 'patch.fixed', fixed)];
  const found = typed('A pipeline', TYPES, [], field, value, FIELDS);
  return found.length > 0 ? found : innerIssues(field, value);
}

/** What is sent within a field; what the document has there already is as it is. */
function innerIssues(field: string, value: unknown): ConfigIssue[] {
  const each = (what: string, types: Types, path: readonly string[], one: unknown) =>
    isRecord(one)
      ? Object.entries(one).flatMap(([name, inner]) => typed(what, types, path, name, inner))
      : [];
  const types = Object.hasOwn(WITHIN, field) ? WITHIN[field] : undefined;
  if (types !== undefined) return each(`The field \`${field}\``, types, [field], value);
  if (field === 'source' && isRecord(value))
    return Object.entries(value).flatMap(([name, inner]) =>
      typed('A source', Object.hasOwn(SOURCE, name) ? SOURCE : { [name]: OPTION }, [field], name, inner),
    );
  if (field === 'transforms' && Array.isArray(value))
    return value.flatMap((one, index) => each('A transform', TRANSFORM, [field, String(index)], one));
  if (field === 'schema' && isRecord(value))
    return Object.entries(value).flatMap(([name, column]) => {
      const found = typed('A schema', { [name]: OBJECT }, [field], name, column);
      return found.length > 0 ? found : each('A column', COLUMN, [field, name], column);
    });
  return [];
}

function typed(
  what: string,
  types: Types,
  above: readonly string[],
  field: string,
  value: unknown,
  known = Object.keys(types),
): ConfigIssue[] {
  const path = pointer(...above, field);
  const type = Object.hasOwn(types, field) ? types[field] : undefined;
  if (type === undefined) {
    // One that somebody else put there can be taken out.
    if (value === null && above.length > 0) return [];
    const message = `${what} has no field \`${field}\`: use one of ${known.join(', ')}.`;
    return [suggesting(issue(path, 'patch.unknown_field', message), field, known)];
  }
  if (value === null || type.fits(value)) return [];
  return [issue(path, 'patch.type', `\`${field}\` has to be ${type.name}, or null to empty it.`)];
}

/** RFC 7396, section 2. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result = new Map(isRecord(target) ? Object.entries(target) : []);
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) result.delete(field);
    else result.set(field, merged(result.get(field), value));
  }
  return Object.fromEntries(result);
}

function withKey(transform: unknown): unknown {
  return isRecord(transform) ? { ...transform, key: transform.key ?? '' } : transform;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
