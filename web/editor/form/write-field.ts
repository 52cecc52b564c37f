// One field of a pipeline, written into the document as it was typed: its own key alone, so that what others wrote beside it stays.
// What is wrong, or empty, is for validation to name. Each answers false when the pipeline is gone.
import { moveToGroup, renamePipeline, setEnabled, setTag, setText } from '@hakiri/config-doc/edit';
import { childMap, entityOf, pipelinesOf } from '@hakiri/config-doc/schema';
import { writeValue } from '@hakiri/config-doc/write';
import type { LoroDoc } from 'loro-crdt';
import { textOf } from '../../live/text-of.ts';
import { typedInto } from './typed-text.ts';

/** Fields that are typed or chosen as one text. */
export type WrittenField =
  | 'id'
  | 'name'
  | 'description'
  | 'group'
  | `source/${string}`
  | 'destination/table'
  | 'destination/partition_by'
  | 'schedule/kind'
  | 'schedule/expr'
  | 'schedule/timezone'
  | 'placement/kind'
  | 'placement/target';

/** Left out when they are empty: an empty one would be a value that nobody meant. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'destination/partition_by',
  'schedule/timezone',
  'placement/target',
]);

/** `shown` is what stood in the input when it was typed into: of a text that people share, only the difference is written. */
export function writeField(
  doc: LoroDoc,
  key: string,
  field: WrittenField,
  value: string,
  shown: string = value,
): boolean {
  if (field === 'id') return renamePipeline(doc, key, value);
  if (field === 'group') return moveToGroup(doc, key, value);
  if (field === 'name' || field === 'description') {
    const current = textOf(entityOf(pipelinesOf(doc), key)?.get(field));
    return setText(doc, key, field, typedInto(current, shown, value));
  }
  const at = field.indexOf('/');
  const [part, name] = [field.slice(0, at), field.slice(at + 1)];
  if (field === 'schedule/kind') return writeScheduleKind(doc, key, value);
  return writeKey(doc, key, part, name, value === '' && LEFT_OUT.has(field) ? null : value);
}

/** Only cron has a time zone: one that stayed would be an issue in a field that is not shown. */
function writeScheduleKind(doc: LoroDoc, key: string, kind: string): boolean {
  if (kind !== 'cron') writeKey(doc, key, 'schedule', 'timezone', null);
  return writeKey(doc, key, 'schedule', 'kind', kind);
}

/** An option of the source; null takes it away. */
export function writeOption(
  doc: LoroDoc,
  key: string,
  name: string,
  value: string | number | boolean | null,
): boolean {
  return writeKey(doc, key, 'source', name, value);
}

export function writeEnabled(doc: LoroDoc, key: string, isOn: boolean): boolean {
  return setEnabled(doc, key, isOn);
}

export function writeTag(doc: LoroDoc, key: string, tag: string, isOn: boolean): boolean {
  return setTag(doc, key, tag, isOn);
}

function writeKey(
  doc: LoroDoc,
  key: string,
  part: string,
  name: string,
  value: string | number | boolean | null,
): boolean {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return false;
  writeValue(childMap(entity, part), name, value);
  return true;
}
