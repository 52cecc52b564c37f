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
const TYPES: Record<string, { name: string; fits(value: unknown): boolean }> = {
  id: { name: 'a text', fits: isText },
  name: { name: 'a text', fits: isText },
  description: { name: 'a text', fits: isText },
  group: { name: 'a text', fits: isText },
  enabled: { name: 'true or false', fits: (value) => typeof value === 'boolean' },
  tags: { name: 'a list of texts', fits: (value) => Array.isArray(value) && value.every(isText) },
  source: { name: 'an object', fits: isRecord },
  destination: { name: 'an object', fits: isRecord },
  schedule: { name: 'an object', fits: isRecord },
  placement: { name: 'an object', fits: isRecord },
  transforms: { name: 'a list of objects', fits: (value) => Array.isArray(value) && value.every(isRecord) },
  schema: { name: 'an object', fits: isRecord },
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
  const path = pointer(field);
  const fixed = Object.hasOwn(FIXED, field) ? FIXED[field] : undefined;
  if (fixed !== undefined) return [issue(path, 'patch.fixed', fixed)];
  const type = Object.hasOwn(TYPES, field) ? TYPES[field] : undefined;
  if (type === undefined) {
    const message = `A pipeline has no field \`${field}\`: use one of ${FIELDS.join(', ')}.`;
    return [suggesting(issue(path, 'patch.unknown_field', message), field, FIELDS)];
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
