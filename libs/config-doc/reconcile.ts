// Writes the difference between the document and target drafts, and nothing else: imports, reverts and edits through the API all
// come this way. Deterministic, and repeating it changes nothing. Leaves committing to the caller.
// What a draft leaves out (null) is emptied; what has the wrong type counts as left out, so callers `checkEdit` first.
import { isRecord, type Json } from '@hakiri/base/json';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { EditRequest } from '@hakiri/contracts/sync';
import { type LoroDoc, LoroMap } from 'loro-crdt';
import { type Changes, changedPipelines, isTouched } from './changes.ts';
import { cleanGroupPath } from './group-path.ts';
import { deleteEmptyGroups, ensureGroup, groupPathOf } from './groups.ts';
import { type NamesSince, namesSince } from './names-since.ts';
import { plain, plainRecord } from './plain.ts';
import { readTransform, type TransformDraft, transformKeys } from './read.ts';
import {
  childList,
  childMap,
  type Entity,
  entityOf,
  OWNER_FIELD,
  pipelinesOf,
  transformsOf,
  variablesOf,
} from './schema.ts';
import { MAP_FIELDS, TEXT_FIELDS } from './shape.ts';
import { decodeVersion, includesVersion, type Version } from './version.ts';
import { writeNames, writeRecord, writeText, writeValue } from './write.ts';

/** How many pipelines and variables were created, changed or deleted. A key that is both put and deleted is put. */
export function applyEdit(doc: LoroDoc, edit: EditRequest): number {
  const put = new Set(keysOf([...edit.put, ...edit.putVariables]));
  const mayPut = conditionOf(doc, edit);
  const isDeleted = (key: string): boolean => !put.has(key);
  const changes = [
    ...mayPut.unchanged.filter(isDeleted).map((key) => removePipeline(doc, key)),
    ...edit.delete.filter(isDeleted).map((key) => removePipeline(doc, key)),
    ...edit.deleteVariables
      .filter(isDeleted)
      .map((key) => mayPut.variableUntouched(key) && removeVariable(doc, key)),
    ...edit.put.map((draft) => mayPut.pipeline(draft) && putPipeline(doc, draft)),
    ...edit.putVariables.map((draft) => mayPut.variable(draft) && putVariable(doc, draft)),
  ];
  if (edit.deleteEmptyGroup !== undefined) deleteEmptyGroups(doc, edit.deleteEmptyGroup);
  return changes.filter(Boolean).length;
}

/** What the versions that an edit names let it do: all looked at before anything is written. */
function conditionOf(doc: LoroDoc, edit: EditRequest) {
  const { put, putSince, variablesSince, createSince, deleteUnchanged } = edit;
  const seen = new Map<string, Changes>();
  const changesSince = (version: string): Changes => {
    const changes = seen.get(version) ?? changesOf(doc, version);
    seen.set(version, changes);
    return changes;
  };
  const writable = new Set(
    putSince === undefined ? keysOf(put) : untouched(doc, changesSince(putSince), keysOf(put)),
  );
  const unchanged = deleteUnchanged
    ? untouched(doc, changesSince(deleteUnchanged.since), deleteUnchanged.pipelines)
    : [];
  const changes = variablesSince === undefined ? undefined : changesSince(variablesSince);
  const variableUntouched = (key: string): boolean =>
    changes === undefined || (changes.kind === 'some' && !changes.variables.has(key));
  const isNew = (root: Entity, key: string): boolean => entityOf(root, key) === undefined;
  const [pipelines, variables] = [pipelinesOf(doc), variablesOf(doc)];
  const creates =
    put.some(({ key }) => isNew(pipelines, key)) ||
    edit.putVariables.some(({ key }) => isNew(variables, key));
  const taken =
    createSince !== undefined && creates
      ? namesSince(doc, knownVersion(doc, createSince), () => changesSince(createSince))
      : undefined;
  const refused = {
    pipelines: takenKeys(taken, 'pipelines', pipelines, put, ({ id }) => id),
    variables: takenKeys(taken, 'variables', variables, edit.putVariables, ({ name }) => name),
  };
  return {
    unchanged,
    variableUntouched,
    pipeline: ({ key }: PipelineDraft): boolean => writable.has(key) && !refused.pipelines.has(key),
    variable: ({ key }: VariableDraft): boolean => variableUntouched(key) && !refused.variables.has(key),
  };
}

/** Keys of what would be made under a name that somebody gave meanwhile. */
function takenKeys<Draft extends { key: string }>(
  names: NamesSince | undefined,
  kind: 'pipelines' | 'variables',
  root: Entity,
  drafts: readonly Draft[],
  nameOf: (draft: Draft) => unknown,
): Set<string> {
  if (names === undefined) return new Set();
  const made = drafts.filter(({ key }) => entityOf(root, key) === undefined);
  return new Set(keysOf(made.filter((draft) => names.isTaken(kind, nameOf(draft)))));
}

/** Undefined when the version is of another document. */
function knownVersion(doc: LoroDoc, version: string): Version | undefined {
  const since = decodeVersion(version);
  return since === undefined || !includesVersion(doc, since) ? undefined : since;
}

function changesOf(doc: LoroDoc, version: string): Changes {
  const since = knownVersion(doc, version);
  return since === undefined ? { kind: 'all' } : changedPipelines(doc, since);
}

/** Of the pipelines `keys`, those that nobody touched since. None when it cannot be known. */
function untouched(doc: LoroDoc, changes: Changes, keys: readonly string[]): string[] {
  // A group that was renamed or moved meanwhile gave them another path.
  if (changes.kind === 'all' || changes.groups) return [];
  return keys.filter((key) => !isTouched(doc, changes, key));
}

const keysOf = (drafts: readonly { key: string }[]): string[] => drafts.map(({ key }) => key);

/** True when something differed. */
export function putPipeline(doc: LoroDoc, draft: PipelineDraft): boolean {
  const { entity, created } = entityFor(pipelinesOf(doc), draft.key);
  let count = created ? 1 : 0;
  count += writeValue(entity, 'id', scalar(draft.id));
  count += writeValue(entity, 'enabled', scalar(draft.enabled));
  for (const field of MAP_FIELDS) {
    const target = field === 'tags' ? tagMap(draft.tags) : plainRecord(draft[field]);
    count += writeRecord(childMap(entity, field), target);
  }
  for (const field of TEXT_FIELDS) count += writeText(entity, field, textOf(draft[field]));
  count += writeTransforms(doc, entity, draft);
  count += writeGroup(doc, entity, draft.group);
  return count > 0;
}

export function putVariable(doc: LoroDoc, draft: VariableDraft): boolean {
  const { entity, created } = entityFor(variablesOf(doc), draft.key);
  let count = created ? 1 : 0;
  count += writeValue(entity, 'name', scalar(draft.name));
  count += writeText(entity, 'value', textOf(draft.value));
  count += writeText(entity, 'comment', textOf(draft.comment));
  return count > 0;
}

/** With its transforms. False when it is gone already. */
export function removePipeline(doc: LoroDoc, key: string): boolean {
  const root = pipelinesOf(doc);
  if (root.get(key) === undefined) return false;
  removeTransforms(doc, key, transformKeys(doc, key));
  root.delete(key);
  return true;
}

export function removeVariable(doc: LoroDoc, key: string): boolean {
  const root = variablesOf(doc);
  if (root.get(key) === undefined) return false;
  root.delete(key);
  return true;
}

/** The transforms of a draft that can be written: each with a key of its own. */
function transformDrafts(value: unknown): TransformDraft[] {
  const drafts = new Map<string, TransformDraft>();
  for (const item of Array.isArray(value) ? value : []) {
    if (!isRecord(item) || typeof item.key !== 'string' || item.key === '' || drafts.has(item.key)) continue;
    const { key } = item;
    drafts.set(key, { key, kind: scalar(item.kind), body: textOf(item.body), inputs: plain(item.inputs) });
  }
  return [...drafts.values()];
}

/** Creates or changes one transform of `pipeline`; undefined when the key belongs to another pipeline. */
export function writeTransform(doc: LoroDoc, pipeline: string, draft: TransformDraft): number | undefined {
  const root = transformsOf(doc);
  if (entityOf(root, draft.key) !== undefined && readTransform(doc, draft.key, pipeline) === undefined) {
    return undefined;
  }
  const { entity, created } = entityFor(root, draft.key);
  let count = created ? 1 : 0;
  count += writeValue(entity, OWNER_FIELD, pipeline);
  count += writeValue(entity, 'kind', draft.kind);
  count += writeValue(entity, 'inputs', draft.inputs);
  count += writeText(entity, 'body', textOf(draft.body));
  return count;
}

function writeTransforms(doc: LoroDoc, entity: Entity, draft: PipelineDraft): number {
  const list = childList(entity, 'transforms');
  const before = list.toArray();
  const names: string[] = [];
  let count = 0;
  for (const transform of transformDrafts(draft.transforms)) {
    const written = writeTransform(doc, draft.key, transform);
    if (written === undefined) continue;
    count += written;
    names.push(transform.key);
  }
  count += writeNames(list, names);
  const gone = before.filter((key) => typeof key !== 'string' || !names.includes(key));
  return count + removeTransforms(doc, draft.key, gone);
}

function removeTransforms(doc: LoroDoc, pipeline: string, keys: readonly unknown[]): number {
  const own = keys.filter(
    (key): key is string => typeof key === 'string' && readTransform(doc, key, pipeline) !== undefined,
  );
  for (const key of new Set(own)) transformsOf(doc).delete(key);
  return own.length;
}

/** Compared as paths, so that a pipeline stays in its group when another group has the same path. */
function writeGroup(doc: LoroDoc, entity: Entity, group: unknown): number {
  const target = typeof group === 'string' ? cleanGroupPath(group) : '';
  if (groupPathOf(doc, entity.get('group')) === target) return 0;
  return writeValue(entity, 'group', ensureGroup(doc, target));
}

function entityFor(root: Entity, key: string): { entity: Entity; created: boolean } {
  const found = entityOf(root, key);
  return found === undefined
    ? { entity: root.setContainer(key, new LoroMap()), created: true }
    : { entity: found, created: false };
}

function tagMap(tags: unknown): { [tag: string]: Json } {
  const names = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  return Object.fromEntries(names.map((tag) => [tag.toWellFormed(), true]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function scalar(value: unknown): Json {
  return typeof value === 'object' ? null : plain(value);
}
