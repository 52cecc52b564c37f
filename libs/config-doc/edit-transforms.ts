// Edits of the transforms of one pipeline: they are entities of their own, ordered by the pipeline's one movable list.
// For the page's editor of transforms: add, reorder, change, remove. Like all edits they leave committing to the caller and answer false when the pipeline or the transform is gone.
import type { TransformConfig } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { readTransform } from './read.ts';
import { writeTransform } from './reconcile.ts';
import { childList, entityOf, newKey, pipelinesOf, transformsOf } from './schema.ts';
import { writeText, writeValue } from './write.ts';

type NewTransform = Omit<TransformConfig, 'key'>;

/** At `index`, or at the end. Answers its key; undefined when the pipeline is gone. */
export function addTransform(
  doc: LoroDoc,
  pipeline: string,
  transform: NewTransform,
  index?: number,
  key: string = newKey(),
): string | undefined {
  const entity = entityOf(pipelinesOf(doc), pipeline);
  if (entity === undefined) return undefined;
  const { kind, body, inputs } = transform;
  if (writeTransform(doc, pipeline, { key, kind, body, inputs }) === undefined) return undefined;
  const list = childList(entity, 'transforms');
  list.insert(Math.max(0, Math.min(index ?? list.length, list.length)), key);
  return key;
}

/** To where it is the `index`-th of those that people see: dead entries of the list do not count. */
export function moveTransform(doc: LoroDoc, pipeline: string, key: string, index: number): boolean {
  const entity = entityOf(pipelinesOf(doc), pipeline);
  if (entity === undefined) return false;
  const list = childList(entity, 'transforms');
  const entries = list.toArray();
  const from = entries.indexOf(key);
  if (from === -1) return false;
  const seen = entries.flatMap((entry, at) =>
    typeof entry === 'string' && readTransform(doc, entry, pipeline) !== undefined ? [at] : [],
  );
  const to = seen[Math.max(0, Math.min(index, seen.length - 1))] ?? from;
  if (from !== to) list.move(from, to);
  return true;
}

export function removeTransform(doc: LoroDoc, pipeline: string, key: string): boolean {
  const entity = entityOf(pipelinesOf(doc), pipeline);
  if (entity === undefined || readTransform(doc, key, pipeline) === undefined) return false;
  const list = childList(entity, 'transforms');
  for (let at = list.toArray().indexOf(key); at !== -1; at = list.toArray().indexOf(key)) list.delete(at, 1);
  transformsOf(doc).delete(key);
  return true;
}

/** Changes what `fields` names; the body by its difference. */
export function setTransform(
  doc: LoroDoc,
  pipeline: string,
  key: string,
  fields: Partial<NewTransform>,
): boolean {
  const entity = entityOf(transformsOf(doc), key);
  if (entity === undefined || readTransform(doc, key, pipeline) === undefined) return false;
  if (fields.kind !== undefined) writeValue(entity, 'kind', fields.kind);
  if (fields.inputs !== undefined) writeValue(entity, 'inputs', fields.inputs);
  if (fields.body !== undefined) writeText(entity, 'body', fields.body);
  return true;
}
