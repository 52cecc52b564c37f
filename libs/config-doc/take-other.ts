// Having the other value after all: what a notice offers, written as an edit like any other, so that it can be undone and merged.
import { isRecord, type Json, jsonEqual } from '@hakiri/base/json';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import type { Notice, NoticeChoice } from '@hakiri/contracts/notice';
import { type LoroDoc, LoroMap, LoroMovableList, LoroText, type TreeID } from 'loro-crdt';
import { deleteGroup, moveGroup } from './groups.ts';
import { plain, plainRecord } from './plain.ts';
import { pipelineDraft, variableDraft } from './read.ts';
import { putPipeline, putVariable, writeTransform } from './reconcile.ts';
import {
  childList,
  type Entity,
  entityOf,
  groupsOf,
  pipelinesOf,
  transformsOf,
  variablesOf,
} from './schema.ts';
import { writeNames, writeRecord, writeText, writeValue } from './write.ts';

/** False when it no longer makes sense: somebody decided meanwhile, or it is gone. Leaves committing to the caller. */
export function takeOther(doc: LoroDoc, notice: Notice): boolean {
  const { take } = notice;
  if (take === undefined) return false;
  if (take.kind === 'restore') return restore(doc, notice, take.draft);
  const [root, key] = take.path;
  if (root !== 'groups') return setField(doc, take, notice);
  if (key === undefined) return isGroupId(take.key) && deleteGroup(doc, take.key);
  return take.key === 'parent' && take.path.length === 2
    ? moveBack(doc, key, take.value, notice)
    : setField(doc, take, notice);
}

/**
 * `taken`: the lost value is there after all; `other`: a third one is; `gone`: what the field is in is deleted; `back`: what was
 * deleted is there again, with or without the lost edit.
 */
export type Standing = 'stands' | 'taken' | 'other' | 'gone' | 'back';

/** What became of a notice's field. A look at one place: the cost does not follow the document. */
export function standingOf(doc: LoroDoc, notice: Notice): Standing {
  const { take, entity, won } = notice;
  // Without the whole other value nothing can be compared.
  if (take === undefined || !holds(doc, won)) return 'stands';
  if (take.kind === 'restore') {
    const isRooted =
      entity.root === 'pipelines' || entity.root === 'variables' || entity.root === 'transforms';
    return isRooted && !isFree(doc.getMap(entity.root), entity.key) ? 'back' : 'stands';
  }
  const [root, key] = take.path;
  if (root === 'groups' && key === undefined) return isLiveGroup(doc, take.key) ? 'stands' : 'taken';
  const map = mapAt(doc, take.path);
  if (map === undefined) return 'gone';
  const isPlace = root === 'groups' && take.key === 'parent' && take.path.length === 2;
  const parent = isPlace && isGroupId(key) ? groupsOf(doc).getNodeByID(key)?.parent()?.id : undefined;
  const now = isPlace ? (parent ?? null) : valueIn(map, take.key);
  if (jsonEqual(now, take.value === undefined ? undefined : plain(take.value))) return 'taken';
  if (won.cut === true) return 'stands';
  return jsonEqual(now, won.value === undefined ? undefined : plain(won.value)) ? 'stands' : 'other';
}

/** A notice may be here before the edit that won: until then the lost value is still in its place. */
function holds(doc: LoroDoc, { peer, counter }: Notice['won']): boolean {
  const version = doc.oplogVersion();
  const end = new Map<string, number>(version.toJSON()).get(peer) ?? 0;
  version.free();
  return end > counter;
}

function valueIn(map: Entity, key: string): Json | undefined {
  const current = map.get(key);
  return current === undefined ? undefined : plain(contentOf(current));
}

function setField(doc: LoroDoc, take: Extract<NoticeChoice, { kind: 'set' }>, { won }: Notice): boolean {
  const map = mapAt(doc, take.path);
  if (map === undefined) return false;
  const now = valueIn(map, take.key);
  const isUndecided =
    won.cut === true || jsonEqual(now, won.value === undefined ? undefined : plain(won.value));
  const value = take.value === undefined ? undefined : plain(take.value);
  if (!isUndecided || jsonEqual(now, value)) return false;
  write(map, take.key, value);
  return true;
}

/** A container stays the one it is. */
function write(map: Entity, key: string, value: Json | undefined): void {
  const current = map.get(key);
  if (current instanceof LoroMap && isRecord(value)) writeRecord(current, plainRecord(value));
  else if (current instanceof LoroText && typeof value === 'string') writeText(map, key, value);
  else if (current instanceof LoroMovableList && isNames(value)) writeNames(current, value);
  // Null is a value here, as it was in the operation.
  else if (value === null) map.set(key, null);
  else writeValue(map, key, value);
}

function moveBack(doc: LoroDoc, id: string, parent: unknown, { won }: Notice): boolean {
  if (!isGroupId(id) || !groupsOf(doc).has(id) || groupsOf(doc).isNodeDeleted(id)) return false;
  const now = groupsOf(doc).getNodeByID(id)?.parent()?.id ?? null;
  if (now !== won.value || now === parent) return false;
  return moveGroup(doc, id, isGroupId(parent) ? parent : undefined);
}

/** The entity under its own key again, which nobody else can have taken. What has the wrong type counts as left out. */
function restore(doc: LoroDoc, { entity: { root, key } }: Notice, draft: unknown): boolean {
  if (!isRecord(draft) || draft.key !== key) return false;
  const fields = plainRecord(draft);
  if (root === 'pipelines') {
    const whole: PipelineDraft = pipelineDraft(key, fields, {
      group: fields.group ?? null,
      transforms: fields.transforms ?? null,
    });
    return isFree(pipelinesOf(doc), key) && putPipeline(doc, whole);
  }
  if (root === 'variables') {
    const whole: VariableDraft = variableDraft(key, fields);
    return isFree(variablesOf(doc), key) && putVariable(doc, whole);
  }
  return root === 'transforms' && isFree(transformsOf(doc), key) && restoreTransform(doc, key, fields);
}

/** At the place where the pipeline still lists it, or at the end. */
function restoreTransform(doc: LoroDoc, key: string, fields: { [key: string]: Json }): boolean {
  const { pipeline, kind = null, body = null, inputs = null } = fields;
  const entity = typeof pipeline === 'string' ? entityOf(pipelinesOf(doc), pipeline) : undefined;
  if (entity === undefined || typeof pipeline !== 'string') return false;
  if (writeTransform(doc, pipeline, { key, kind, body, inputs }) === undefined) return false;
  const list = childList(entity, 'transforms');
  if (!list.toArray().includes(key)) list.push(key);
  return true;
}

function isFree(root: Entity, key: string): boolean {
  return root.get(key) === undefined;
}

function mapAt(doc: LoroDoc, path: readonly string[]): Entity | undefined {
  const [root, ...names] = path;
  if (root === undefined) return undefined;
  let map: Entity | undefined;
  if (root === 'groups') {
    const id = names.shift();
    map = isLiveGroup(doc, id) ? groupsOf(doc).getNodeByID(id)?.data : undefined;
  } else {
    map = doc.getMap(root);
  }
  for (const name of names) map = map === undefined ? undefined : entityOf(map, name);
  return map;
}

function contentOf(value: unknown): unknown {
  return isRecord(value) && typeof value.toJSON === 'function' ? value.toJSON() : value;
}

function isNames(value: Json | undefined): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isLiveGroup(doc: LoroDoc, id: unknown): id is TreeID {
  return isGroupId(id) && groupsOf(doc).has(id) && !groupsOf(doc).isNodeDeleted(id);
}

function isGroupId(id: unknown): id is TreeID {
  return typeof id === 'string' && /^[0-9]{1,10}@[0-9]{1,20}$/.test(id);
}
