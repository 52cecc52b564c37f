// Whether an id of a pipeline or a name of a variable was given after a version. Keys never meet, so two who add the same entry at
// once would make two of it: whoever adds by id says what they had seen, and the document's one writer compares.
import type { LoroDoc } from 'loro-crdt';
import type { Changes } from './changes.ts';
import { operationIn } from './operations.ts';
import { type Entity, entityOf, pipelinesOf, variablesOf } from './schema.ts';
import type { Version } from './version.ts';

type Root = 'pipelines' | 'variables';
export type NamesSince = { isTaken(root: Root, name: unknown): boolean };

/** Of the entries as they are now. `changes` is asked only of a name that an older entry has: it costs what happened since. */
export function namesSince(doc: LoroDoc, since: Version | undefined, changes: () => Changes): NamesSince {
  const names = {
    pipelines: keysByName(pipelinesOf(doc), 'id'),
    variables: keysByName(variablesOf(doc), 'name'),
  };
  const roots = { pipelines: pipelinesOf(doc), variables: variablesOf(doc) };
  const isMadeSince = (root: Root, key: string): boolean => {
    // A container is named after the operation that made it.
    const id = entityOf(roots[root], key)?.id.split(':')[1];
    const made = id === undefined ? undefined : operationIn(id);
    return since === undefined || made === undefined || made.counter >= (since.get(made.peer) ?? 0);
  };
  const isRenamedSince = (root: Root, key: string): boolean => {
    const known = changes();
    return known.kind === 'all' || known[root].has(key);
  };
  return {
    isTaken: (root, name) => {
      const keys = typeof name === 'string' ? (names[root].get(name) ?? []) : [];
      return keys.some((key) => isMadeSince(root, key)) || keys.some((key) => isRenamedSince(root, key));
    },
  };
}

/** What has no name is like nothing. */
function keysByName(root: Entity, field: 'id' | 'name'): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const key of root.keys()) {
    const name = entityOf(root, key)?.get(field);
    if (typeof name !== 'string' || name === '') continue;
    const keys = byName.get(name);
    if (keys === undefined) byName.set(name, [key]);
    else keys.push(key);
  }
  return byName;
}
