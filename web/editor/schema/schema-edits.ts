// What the table of columns does to the document: each change one step, and several pasted lines one too.
import { isRecord } from '@hakiri/base/json';
import { plain } from '@hakiri/config-doc/plain';
import { childMap, entityOf, pipelinesOf } from '@hakiri/config-doc/schema';
import { writeValue } from '@hakiri/config-doc/write';
import type { LoroDoc } from 'loro-crdt';
import type { PastedColumn } from './pasted-columns.ts';

/** What of a column is written; the rest of it stays. */
export type ColumnPart = { type?: string; nullable?: boolean };

/** False when the pipeline is gone. */
export function writeColumn(doc: LoroDoc, key: string, name: string, part: ColumnPart): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return false;
  const schema = childMap(entity, 'schema');
  const now = plain(schema.get(name));
  const { nullable, ...rest } = { type: '', ...(isRecord(now) ? now : {}), ...part };
  // Not being empty is what a column is when nothing is said.
  writeValue(schema, name, nullable === undefined || nullable === false ? rest : { ...rest, nullable });
  return true;
}

export function removeColumn(doc: LoroDoc, key: string, name: string): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return false;
  writeValue(childMap(entity, 'schema'), name, null);
  return true;
}

/** The partition column stays the one it is under its new name. False when it, or the pipeline, is gone. */
export function renameColumn(doc: LoroDoc, key: string, from: string, to: string): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  const schema = entity && childMap(entity, 'schema');
  const column = plain(schema?.get(from));
  if (!entity || !schema || column === null || schema.get(to) !== undefined) return false;
  writeValue(schema, to, column);
  writeValue(schema, from, null);
  const destination = childMap(entity, 'destination');
  if (destination.get('partition_by') === from) writeValue(destination, 'partition_by', to);
  return true;
}

/** The column as it was, unless there is one by that name again. */
export function putColumnBack(doc: LoroDoc, key: string, name: string, column: unknown): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return false;
  const schema = childMap(entity, 'schema');
  if (schema.get(name) === undefined) writeValue(schema, name, plain(column));
  return true;
}

/** Answers how many are new and how many there were; undefined when the pipeline is gone. */
export function writePasted(
  doc: LoroDoc,
  key: string,
  columns: readonly PastedColumn[],
): { added: number; changed: number } | undefined {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return undefined;
  const schema = childMap(entity, 'schema');
  const changed = columns.filter(({ name }) => schema.get(name) !== undefined).length;
  for (const { name, ...part } of columns) writeColumn(doc, key, name, part);
  return { added: columns.length - changed, changed };
}
