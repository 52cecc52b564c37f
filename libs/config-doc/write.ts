// Writing the difference between a container and what it should hold: nothing when they are equal, and in-place otherwise, so
// that containers keep their identity and concurrent edits of other parts survive. Each answers how many operations it made.
import { isRecord, type Json, jsonEqual } from '@hakiri/base/json';
import type { LoroMovableList } from 'loro-crdt';
import { planList } from './list-moves.ts';
import { plain } from './plain.ts';
import { childText, type Entity } from './schema.ts';

/** Past this time the text is compared line by line, coarser but quick. */
const TEXT_DIFF_LIMIT_MS = 200;

/** Null and undefined delete the field. */
export function writeValue(map: Entity, field: string, value: Json | undefined): number {
  const current = map.get(field);
  if (value === undefined || value === null) {
    if (current === undefined) return 0;
    map.delete(field);
    return 1;
  }
  const isPlain = !(isRecord(current) && typeof current.toJSON === 'function');
  if (current !== undefined && isPlain && jsonEqual(plain(current), value)) return 0;
  map.set(field, value);
  return 1;
}

/** Makes the map hold exactly `target`, as plain values. */
export function writeRecord(map: Entity, target: { readonly [key: string]: Json }): number {
  let count = 0;
  for (const key of map.keys().map(String)) {
    if (!Object.hasOwn(target, key)) count += writeValue(map, key, null);
  }
  for (const key of Object.keys(target)) count += writeValue(map, key, target[key]);
  return count;
}

/** By the difference, so that what others type into the same text stays where they typed it. */
export function writeText(entity: Entity, field: string, text: string): number {
  const target = text.toWellFormed();
  const container = childText(entity, field);
  if (container.toString() === target) return 0;
  try {
    container.update(target, { timeoutMs: TEXT_DIFF_LIMIT_MS });
  } catch {
    container.updateByLine(target);
  }
  return 1;
}

/** Makes the list hold exactly `names`, which are distinct. */
export function writeNames(list: LoroMovableList, names: readonly string[]): number {
  // What is not a string is given a name that no target has, and so is deleted.
  const current = list.toArray().map((item, index) => (typeof item === 'string' ? item : `\0${index}`));
  const steps = planList(current, names);
  for (const step of steps) {
    if (step.kind === 'delete') list.delete(step.index, 1);
    else if (step.kind === 'insert') list.insert(step.index, step.name);
    else list.move(step.from, step.to);
  }
  return steps.length;
}
