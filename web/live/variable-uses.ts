// Which pipelines refer to which variable, and where: looked through once when somebody first wants to know, a little at a time,
// and from then on only what changed is read again.
import { fieldsOf, readTransform, transformKeys } from '@hakiri/config-doc/read';
import { entityOf, pipelinesOf } from '@hakiri/config-doc/schema';
import { variableReferences } from '@hakiri/manifest/variables-used';
import type { LoroDoc } from 'loro-crdt';
import { whenIdle } from './idle.ts';
import type { Pipelines } from './pipelines.ts';
import { createStore, createTopics, type Store } from './store.ts';

/** `paths` are pointers inside the pipeline, such as `/source/ref`. */
export type VariableUse = { pipeline: string; paths: readonly string[] };

export type VariableUses = {
  /** From now on. */
  want(): void;
  /** Whether all pipelines have been looked through. */
  isKnown: Store<boolean>;
  /** The same array until it changes. */
  of(name: string): readonly VariableUse[];
  subscribe(name: string, listener: () => void): () => void;
  close(): void;
};

type Paths = ReadonlyMap<string, readonly string[]>;
const NONE: readonly never[] = [];
const NO_PATHS: Paths = new Map();

export function watchVariableUses(
  doc: LoroDoc,
  pipelines: Pick<Pipelines, 'order' | 'onChanged'>,
): VariableUses {
  const isKnown = createStore(false);
  const topics = createTopics();
  /** Paths by name, by pipeline. */
  const byPipeline = new Map<string, Paths>();
  /** The same by name, by pipeline. */
  const byName = new Map<string, Map<string, readonly string[]>>();
  const lists = new Map<string, readonly VariableUse[]>();
  let stopReading: (() => void) | undefined;

  function read(key: string): void {
    const before = byPipeline.get(key) ?? NO_PATHS;
    const after = pathsOf(doc, key);
    if (after.size > 0) byPipeline.set(key, after);
    else byPipeline.delete(key);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const paths = after.get(name);
      if (paths?.join() === before.get(name)?.join()) continue;
      const users = byName.get(name) ?? new Map<string, readonly string[]>();
      if (paths) byName.set(name, users.set(key, paths));
      else users.delete(key);
      if (users.size === 0) byName.delete(name);
      lists.delete(name);
      topics.tell(name);
    }
  }

  const stopListening = pipelines.onChanged((keys) => {
    if (stopReading) for (const key of keys) read(key);
  });

  return {
    want() {
      if (stopReading) return;
      const keys = pipelines.order.get();
      let left = keys.length;
      isKnown.set(left === 0);
      stopReading = whenIdle(keys, (key) => {
        read(key);
        left -= 1;
        if (left === 0) isKnown.set(true);
      });
    },
    isKnown,
    of(name) {
      const list =
        lists.get(name) ?? [...(byName.get(name) ?? NONE)].map(([pipeline, paths]) => ({ pipeline, paths }));
      lists.set(name, list);
      return list;
    },
    subscribe: topics.subscribe,
    close() {
      stopReading?.();
      stopListening();
    },
  };
}

/** Each path once, by name. Only what may hold a reference is read. */
function pathsOf(doc: LoroDoc, key: string): Paths {
  const entity = entityOf(pipelinesOf(doc), key);
  if (!entity) return NO_PATHS;
  const references = variableReferences({
    source: fieldsOf(entity.get('source')),
    destination: fieldsOf(entity.get('destination')),
    transforms: [...new Set(transformKeys(doc, key))].flatMap((each) => readTransform(doc, each, key) ?? []),
  });
  const paths = new Map<string, string[]>();
  for (const { name, path } of references) {
    const known = paths.get(name) ?? [];
    if (!known.includes(path)) paths.set(name, [...known, path]);
  }
  return paths;
}
