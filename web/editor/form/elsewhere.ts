// What other pipelines have in a field, to propose it where one of them is typed again. Read once somebody comes to the field, a
// little at a time, and nothing of it at a key press.
import { entityOf, pipelinesOf } from '@hakiri/config-doc/schema';
import type { LoroDoc } from 'loro-crdt';
import { whenIdle } from '../../live/idle.ts';
import { textOf } from '../../live/text-of.ts';

/** A list to choose from is no longer than somebody reads while they type. */
export const PROPOSALS_LIMIT = 500;
/** Of the node that comes along. */
const OWN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'csv-file': ['delimiter'],
  'json-file': ['path'],
  'http-json': ['path'],
};
const SOURCE_FIELDS = new Set(['kind', 'ref']);

type Read = (doc: LoroDoc, key: string) => readonly string[];

export const tableOf: Read = (doc, key) => {
  const table = textOf(fieldsOf(doc, key, 'destination')?.get('table'));
  return table === '' ? [] : [table];
};

/** Names of the options of a source of this kind. */
export function optionsOf(kind: string): Read {
  return (doc, key) => {
    const source = fieldsOf(doc, key, 'source');
    if (!source || textOf(source.get('kind')) !== kind) return [];
    return source.keys().filter((name) => !SOURCE_FIELDS.has(name));
  };
}

export function ownOptions(kind: string): readonly string[] {
  return Object.hasOwn(OWN_OPTIONS, kind) ? (OWN_OPTIONS[kind] ?? []) : [];
}

/** Those of `keys` in their order, each once, sorted when told; `known` whatever the others have. Returns how to stop it. */
export function collect(
  { doc, keys, known = [] }: { doc: LoroDoc; keys: readonly string[]; known?: readonly string[] },
  read: Read,
  tell: (values: readonly string[]) => void,
): () => void {
  const found = new Set(known);
  const last = keys.length - 1;
  if (last < 0) tell([...found]);
  return whenIdle([...keys.keys()], (index) => {
    for (const value of found.size < PROPOSALS_LIMIT ? read(doc, keys[index] ?? '') : []) found.add(value);
    if (index === last) tell([...found].slice(0, PROPOSALS_LIMIT).sort());
  });
}

function fieldsOf(doc: LoroDoc, key: string, field: string): ReturnType<typeof pipelinesOf> | undefined {
  const entity = entityOf(pipelinesOf(doc), key);
  return entity && entityOf(entity, field);
}
