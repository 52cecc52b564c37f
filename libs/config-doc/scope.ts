// Which pipelines of the document a scope takes, without reading their bodies.
import type { Scope } from '@hakiri/contracts/scope';
import type { LoroDoc } from 'loro-crdt';
import { isInGroup } from './group-path.ts';
import { type GroupPaths, readGroupPaths } from './groups.ts';
import { entityOf, pipelinesOf } from './schema.ts';
import { scopeIndexOf } from './scope-index.ts';

/**
 * Keys in order. Names that are nobody's are left out; a human id that several pipelines carry takes all of them. What waits for a
 * commit is committed.
 */
export function selectScope(doc: LoroDoc, scope: Scope, groups?: GroupPaths): readonly string[] {
  switch (scope.kind) {
    case 'all':
      return scopeIndexOf(doc).keys;
    case 'group':
      return inGroups(doc, [scope.group], groups);
    case 'pipelines':
      return named(doc, scope.pipelines);
    case 'selection': {
      const keys = new Set(inGroups(doc, scope.groups, groups));
      for (const key of named(doc, scope.pipelines)) keys.add(key);
      return [...keys].sort();
    }
  }
}

function inGroups(doc: LoroDoc, wanted: readonly string[], groups = readGroupPaths(doc)): string[] {
  const isTaken = (path: string) => wanted.some((group) => isInGroup(path, group));
  const taken = new Set([...groups].filter(([, path]) => isTaken(path)).map(([id]) => id));
  const isRootTaken = isTaken('');
  const index = scopeIndexOf(doc);
  return index.keys.filter((key) => {
    const group = index.groupOf(key);
    return group !== undefined && groups.has(group) ? taken.has(group) : isRootTaken;
  });
}

function named(doc: LoroDoc, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const root = pipelinesOf(doc);
  const keys = new Set(names.filter((name) => entityOf(root, name) !== undefined));
  const ids = names.filter((name) => !keys.has(name));
  if (ids.length > 0) {
    const index = scopeIndexOf(doc);
    for (const id of ids) for (const key of index.withId(id)) keys.add(key);
  }
  return [...keys].sort();
}
