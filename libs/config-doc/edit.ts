// Edits that a page or a program makes, each as few operations as it takes. They leave committing to the caller, so that several
// can be one step: `commitEdit(doc, origin, () => { … })`. A pipeline may be deleted by somebody else at any time:
// an edit answers false when what it edits is gone. The page's editor is their user: each field, column, tag and variable that
// the document has can be edited on its own here, whether or not the page shows it yet.
import type { PipelineConfig, PlacementConfig, ScheduleConfig, SourceConfig } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { ensureGroup, groupPathOf } from './groups.ts';
import { plainRecord } from './plain.ts';
import { putPipeline, putVariable, removePipeline, removeVariable } from './reconcile.ts';
import { childMap, type Entity, entityOf, newKey, pipelinesOf, variablesOf } from './schema.ts';
import type { MapField, TextField } from './shape.ts';
import { writeRecord, writeText, writeValue } from './write.ts';

/** Runs `edit` as one commit; `origin` tells one's own edits from others' in events and undo. */
export function commitEdit<T>(doc: LoroDoc, origin: string, edit: () => T): T {
  const result = edit();
  doc.commit({ origin });
  return result;
}

/** What a new pipeline starts with; the rest is empty, runs anywhere and is enabled. */
type NewPipeline = { id: string } & Partial<Omit<PipelineConfig, 'key' | 'id'>>;

/** Answers its key. */
export function createPipeline(doc: LoroDoc, pipeline: NewPipeline, key: string = newKey()): string {
  putPipeline(doc, {
    key,
    id: pipeline.id,
    name: pipeline.name ?? pipeline.id,
    description: pipeline.description ?? '',
    tags: pipeline.tags ?? [],
    group: pipeline.group ?? '',
    enabled: pipeline.enabled ?? true,
    source: pipeline.source ?? {},
    destination: pipeline.destination ?? {},
    schedule: pipeline.schedule ?? {},
    placement: pipeline.placement ?? { kind: 'auto' },
    transforms: pipeline.transforms ?? [],
    schema: pipeline.schema ?? {},
  });
  return key;
}

/** With its transforms. */
export function deletePipeline(doc: LoroDoc, key: string): boolean {
  return removePipeline(doc, key);
}

/** Changes the id that people see; the pipeline stays the same one. */
export function renamePipeline(doc: LoroDoc, key: string, id: string): boolean {
  return onPipeline(doc, key, (entity) => writeValue(entity, 'id', id));
}

export function setEnabled(doc: LoroDoc, key: string, enabled: boolean): boolean {
  return onPipeline(doc, key, (entity) => writeValue(entity, 'enabled', enabled));
}

/** By the difference: what others type into the same text meanwhile stays. */
export function setText(doc: LoroDoc, key: string, field: TextField, text: string): boolean {
  return onPipeline(doc, key, (entity) => writeText(entity, field, text));
}

export function setSource(doc: LoroDoc, key: string, source: SourceConfig): boolean {
  return setRecord(doc, key, 'source', source);
}

export function setDestination(
  doc: LoroDoc,
  key: string,
  destination: PipelineConfig['destination'],
): boolean {
  return setRecord(doc, key, 'destination', destination);
}

/** Anything may be typed: `expr` is checked at Apply. */
export function setSchedule(doc: LoroDoc, key: string, schedule: ScheduleConfig): boolean {
  return setRecord(doc, key, 'schedule', schedule);
}

export function setPlacement(doc: LoroDoc, key: string, placement: PlacementConfig): boolean {
  return setRecord(doc, key, 'placement', placement);
}

export function setTag(doc: LoroDoc, key: string, tag: string, on: boolean): boolean {
  return onPipeline(doc, key, (entity) => writeValue(childMap(entity, 'tags'), tag, on ? true : null));
}

/** Without a `column` the column goes. */
export function setColumn(
  doc: LoroDoc,
  key: string,
  name: string,
  column?: { type: string; nullable?: boolean },
): boolean {
  const value = column === undefined ? null : plainRecord(column);
  return onPipeline(doc, key, (entity) => writeValue(childMap(entity, 'schema'), name, value));
}

/** Into the group at `path`, which is made when there is none; '' is the root. */
export function moveToGroup(doc: LoroDoc, key: string, path: string): boolean {
  return onPipeline(doc, key, (entity) => {
    const id = ensureGroup(doc, path);
    const isThere = id !== undefined && groupPathOf(doc, entity.get('group')) === groupPathOf(doc, id);
    if (!isThere) writeValue(entity, 'group', id);
  });
}

/** Creates the variable, or changes what differs. Answers its key. */
export function setVariable(
  doc: LoroDoc,
  variable: { name: string; value: string; comment?: string },
  key: string = newKey(),
): string {
  const comment = variable.comment ?? commentOf(doc, key);
  putVariable(doc, { key, name: variable.name, value: variable.value, comment });
  return key;
}

export function deleteVariable(doc: LoroDoc, key: string): boolean {
  return removeVariable(doc, key);
}

function commentOf(doc: LoroDoc, key: string): string {
  const comment = entityOf(variablesOf(doc), key)?.get('comment');
  return comment === undefined ? '' : String(comment);
}

function setRecord(doc: LoroDoc, key: string, field: MapField, target: Readonly<Record<string, unknown>>) {
  return onPipeline(doc, key, (entity) => writeRecord(childMap(entity, field), plainRecord(target)));
}

function onPipeline(doc: LoroDoc, key: string, edit: (entity: Entity) => unknown): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  if (entity === undefined) return false;
  edit(entity);
  return true;
}
