// Which ids of pipelines and names of variables were given after a version. Keys never meet, so two who add the same entry at once
// would make two of it: whoever adds by id says what they had seen, and the document's one writer compares.
import type { LoroDoc } from 'loro-crdt';
import type { Changes } from './changes.ts';
import { type Entity, entityOf, pipelinesOf, variablesOf } from './schema.ts';

export type NamesSince = { pipelines: ReadonlySet<string>; variables: ReadonlySet<string> };

/** Of entries that are there now. All of them when what changed cannot be known. */
export function namesSince(doc: LoroDoc, changes: Changes): NamesSince {
  const touched = changes.kind === 'all' ? undefined : changes;
  return {
    pipelines: namesOf(pipelinesOf(doc), touched?.pipelines, 'id'),
    variables: namesOf(variablesOf(doc), touched?.variables, 'name'),
  };
}

/** What has no name is like nothing. */
function namesOf(root: Entity, keys: Iterable<string> | undefined, field: 'id' | 'name'): Set<string> {
  const names = new Set<string>();
  for (const key of keys ?? root.keys()) {
    const name = entityOf(root, key)?.get(field);
    if (typeof name === 'string' && name !== '') names.add(name);
  }
  return names;
}
