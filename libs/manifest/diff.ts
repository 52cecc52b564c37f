// What differs between two configurations: pipelines and variables by key, so that a rename is a change, and inside them every
// field by its JSON pointer. Transforms go by key too: `/transforms/<key>/body`, and `/transforms` when only their order differs.
import { isRecord } from '@hakiri/base/json';
import type { FieldChange, ManifestDiff, PipelineChange } from '@hakiri/contracts/apply';
import type { ConfigDraft, ManifestConfig, PipelineDraft } from '@hakiri/contracts/config';
import { compareText } from './canonical.ts';
import { pointer } from './issue.ts';
import { pipelineText, variableText } from './render.ts';
import { betweenSameEnds } from './same-ends.ts';

export function diffManifests(
  from: ManifestConfig,
  to: ManifestConfig,
): Pick<ManifestDiff, 'pipelines' | 'variables'> {
  return diffDrafts(from, to);
}

/** The same of drafts, which hold whatever people typed. */
export function diffDrafts(
  from: ConfigDraft,
  to: ConfigDraft,
): Pick<ManifestDiff, 'pipelines' | 'variables'> {
  const pieces = diffInPieces(from, to);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/** Yields after each entry that may differ. */
export function* diffInPieces(
  from: ConfigDraft,
  to: ConfigDraft,
): Generator<undefined, Pick<ManifestDiff, 'pipelines' | 'variables'>> {
  const nameOf = (name: unknown, key: string): string => (typeof name === 'string' ? name : key);
  return {
    pipelines: yield* diffEntries(
      from.pipelines,
      to.pipelines,
      ({ id, key }) => nameOf(id, key),
      diffPipelines,
    ),
    variables: yield* diffEntries(
      from.variables,
      to.variables,
      ({ name, key }) => nameOf(name, key),
      (a, b) => diffValues(a, b, ''),
    ),
  };
}

/** Ids of pipelines and names of variables that differ: as `diffManifests` has them, without asking in what. */
export function changedNames(from: ManifestConfig, to: ManifestConfig): string[] {
  return [
    ...changedEntries(from.pipelines, to.pipelines, ({ id }) => id, pipelineText),
    ...changedEntries(from.variables, to.variables, ({ name }) => name, variableText),
  ];
}

/** Equal entries have equal texts, and most texts are known. */
function changedEntries<Entry extends { key: string }>(
  allFrom: readonly Entry[],
  allTo: readonly Entry[],
  nameOf: (entry: Entry) => string,
  textOf: (entry: Entry) => string,
): string[] {
  const { a: from, b: to } = betweenSameEnds(allFrom, allTo);
  const left = new Map(from.map((entry) => [entry.key, entry]));
  const changed: Entry[] = [];
  for (const entry of to) {
    const before = left.get(entry.key);
    left.delete(entry.key);
    if (before === entry) continue;
    if (before === undefined || textOf(before) !== textOf(entry)) changed.push(entry);
  }
  return [...changed, ...left.values()]
    .sort((a, b) => compareText(nameOf(a), nameOf(b)) || compareText(a.key, b.key))
    .map(nameOf);
}

/** Empty when they are equal. */
function diffPipelines(before: PipelineDraft, after: PipelineDraft): FieldChange[] {
  const { transforms: transformsBefore, ...fieldsBefore } = before;
  const { transforms: transformsAfter, ...fieldsAfter } = after;
  return [...diffValues(fieldsBefore, fieldsAfter, ''), ...diffTransforms(transformsBefore, transformsAfter)];
}

function* diffEntries<Entry extends { key: string }>(
  allFrom: readonly Entry[],
  allTo: readonly Entry[],
  nameOf: (entry: Entry) => string,
  compare: (before: Entry, after: Entry) => FieldChange[],
): Generator<undefined, PipelineChange[]> {
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
    yield undefined;
    const { key } = entry;
    const id = nameOf(entry);
    const old = before.get(key);
    const fields = old === undefined ? [] : compare(old, entry);
    if (old === undefined) changes.push({ kind: 'added', key, id });
    else if (fields.length > 0) {
      const isMoved = fields.some(({ path }) => path === '/group' || path === '/doc');
      changes.push({ kind: 'changed', key, id, fields, ...(isMoved ? { moved: true } : {}) });
    }
  }
  return changes.sort((a, b) => compareText(a.id, b.id) || compareText(a.key, b.key));
}

function diffTransforms(before: unknown, after: unknown): FieldChange[] {
  const old = transformsByKey(before);
  const now = transformsByKey(after);
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

function transformsByKey(transforms: unknown): Map<string, Record<string, unknown>> {
  const byKey = new Map<string, Record<string, unknown>>();
  for (const transform of Array.isArray(transforms) ? transforms : []) {
    if (isRecord(transform) && typeof transform.key === 'string') byKey.set(transform.key, transform);
  }
  return byKey;
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
