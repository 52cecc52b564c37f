// What differs between two configurations: pipelines and variables by key, so that a rename is a change, and inside them every
// field by its JSON pointer. Transforms go by key too: `/transforms/<key>/body`, and `/transforms` when only their order differs.
import { isRecord } from '@hakiri/base/json';
import type { FieldChange, ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import type { ManifestConfig, PipelineConfig } from '@hakiri/contracts/config';
import { compareText } from './canonical.ts';
import { pointer } from './issue.ts';

export function diffManifests(
  from: ManifestConfig,
  to: ManifestConfig,
): Pick<ManifestDiff, 'pipelines' | 'variables'> {
  return {
    pipelines: diffEntries(from.pipelines, to.pipelines, ({ id }) => id, diffPipelines),
    variables: diffEntries(
      from.variables,
      to.variables,
      ({ name }) => name,
      (a, b) => diffValues(a, b, ''),
    ),
  };
}

/** Empty when they are equal. */
function diffPipelines(before: PipelineConfig, after: PipelineConfig): FieldChange[] {
  const { transforms: transformsBefore, ...fieldsBefore } = before;
  const { transforms: transformsAfter, ...fieldsAfter } = after;
  return [...diffValues(fieldsBefore, fieldsAfter, ''), ...diffTransforms(transformsBefore, transformsAfter)];
}

function diffEntries<Entry extends { key: string }>(
  allFrom: readonly Entry[],
  allTo: readonly Entry[],
  nameOf: (entry: Entry) => string,
  compare: (before: Entry, after: Entry) => FieldChange[],
): PipelineChange[] {
  // Most entries are the very same from one revision to the next.
  const [there, here] = [new Set(allFrom), new Set(allTo)];
  const from = allFrom.filter((entry) => !here.has(entry));
  const to = allTo.filter((entry) => !there.has(entry));
  const before = new Map(from.map((entry) => [entry.key, entry]));
  const after = new Map(to.map((entry) => [entry.key, entry]));
  const changes: PipelineChange[] = [];
  for (const entry of from) {
    if (!after.has(entry.key)) changes.push({ kind: 'removed', key: entry.key, id: nameOf(entry) });
  }
  for (const entry of to) {
    const { key } = entry;
    const id = nameOf(entry);
    const old = before.get(key);
    const fields = old === undefined ? [] : compare(old, entry);
    if (old === undefined) changes.push({ kind: 'added', key, id });
    else if (fields.length > 0) changes.push({ kind: 'changed', key, id, fields });
  }
  return changes.sort((a, b) => compareText(a.id, b.id) || compareText(a.key, b.key));
}

function diffTransforms(
  before: PipelineConfig['transforms'],
  after: PipelineConfig['transforms'],
): FieldChange[] {
  const old = new Map(before.map((transform) => [transform.key, transform]));
  const now = new Map(after.map((transform) => [transform.key, transform]));
  const inBoth = (key: string) => old.has(key) && now.has(key);
  const orderBefore = [...old.keys()].filter(inBoth);
  const orderAfter = [...now.keys()].filter(inBoth);
  const moved = orderBefore.some((key, index) => key !== orderAfter[index]);
  return [
    ...(moved ? [{ path: '/transforms', before: orderBefore, after: orderAfter }] : []),
    ...[...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
      diffValues(old.get(key), now.get(key), `/transforms${pointer(key)}`),
    ),
  ];
}

/** Records are compared inside; anything else, lists too, as a whole. */
function diffValues(before: unknown, after: unknown, path: string): FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      diffValues(before[key], after[key], `${path}${pointer(key)}`),
    );
  }
  if (isSame(before, after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
}
