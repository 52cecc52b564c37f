// Writes the difference between the document and target drafts, and nothing else: imports, reverts and edits through the API all
// come this way. Deterministic, and repeating it changes nothing. Leaves committing to the caller.
// What a draft leaves out (null) is emptied; what has the wrong type counts as left out, so callers `checkEdit` first.
import { isRecord, type Json } from '@hakiri/base/json';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { EditRequest } from '@hakiri/contracts/sync';
import { type LoroDoc, LoroMap } from 'loro-crdt';
import { changedPipelines, isTouched } from './changes.ts';
import { cleanGroupPath } from './group-path.ts';
import { deleteEmptyGroups, ensureGroup, groupPathOf } from './groups.ts';
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
import { decodeVersion, includesVersion } from './version.ts';
import { writeNames, writeRecord, writeText, writeValue } from './write.ts';

/** How many pipelines and variables were created, changed or deleted. A key that is both put and deleted is put. */
export function applyEdit(doc: LoroDoc, edit: EditRequest): number {
  const put = new Set(keysOf([...edit.put, ...edit.putVariables]));
  const { put: drafts, putSince, variablesSince, deleteUnchanged } = edit;
  const writable = new Set(
    putSince === undefined ? keysOf(drafts) : untouched(doc, putSince, keysOf(drafts)),
  );
  const unchanged = deleteUnchanged && untouched(doc, deleteUnchanged.since, deleteUnchanged.pipelines);
  const touchedVariables = variablesSince === undefined ? new Set() : variablesTouched(doc, variablesSince);
  const mayWrite = (key: string): boolean => touchedVariables !== 'unknown' && !touchedVariables.has(key);
  const changes = [
    ...(unchanged ?? []).map((key) => !put.has(key) && removePipeline(doc, key)),
    ...edit.delete.filter((key) => !put.has(key)).map((key) => removePipeline(doc, key)),
    ...edit.deleteVariables
      .filter((key) => !put.has(key))
      .map((key) => mayWrite(key) && removeVariable(doc, key)),
    ...drafts.map((draft) => writable.has(draft.key) && putPipeline(doc, draft)),
    ...edit.putVariables.map((draft) => mayWrite(draft.key) && putVariable(doc, draft)),
  ];
  if (edit.deleteEmptyGroup !== undefined) deleteEmptyGroups(doc, edit.deleteEmptyGroup);
  return changes.filter(Boolean).length;
}

/** Of the pipelines `keys`, those that nobody touched after `version`. None when it cannot be known. */
function untouched(doc: LoroDoc, version: string, keys: readonly string[]): string[] {
  const since = decodeVersion(version);
  if (since === undefined || !includesVersion(doc, since)) return [];
  const changes = changedPipelines(doc, since);
  // A group that was renamed or moved meanwhile gave them another path.
  if (changes.kind === 'all' || changes.groups) return [];
  return keys.filter((key) => !isTouched(doc, changes, key));
}

function variablesTouched(doc: LoroDoc, version: string): Set<string> | 'unknown' {
  const since = decodeVersion(version);
  if (since === undefined || !includesVersion(doc, since)) return 'unknown';
  const changes = changedPipelines(doc, since);
  return changes.kind === 'all' ? 'unknown' : changes.variables;
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
