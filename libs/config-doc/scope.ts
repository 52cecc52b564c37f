// Which pipelines of the document a scope takes, without reading their bodies.
import type { Scope } from '@hakiri/contracts/scope';
import type { LoroDoc } from 'loro-crdt';
import { isInGroup } from './group-path.ts';
import { type GroupPaths, readGroupPaths } from './groups.ts';
import { pipelineKeys } from './read.ts';
import { entityOf, pipelinesOf } from './schema.ts';

/** Keys in order. Names that are nobody's are left out; a human id that several pipelines carry takes all of them. */
export function selectScope(doc: LoroDoc, scope: Scope, groups?: GroupPaths): string[] {
  switch (scope.kind) {
    case 'all':
      return pipelineKeys(doc);
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
  const root = pipelinesOf(doc);
  return pipelineKeys(doc).filter((key) => {
    const group = entityOf(root, key)?.get('group');
    return typeof group === 'string' && groups.has(group) ? taken.has(group) : isRootTaken;
  });
}

function named(doc: LoroDoc, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const root = pipelinesOf(doc);
  const keys = new Set(names.filter((name) => root.get(name) !== undefined));
  const ids = new Set<unknown>(names.filter((name) => !keys.has(name)));
  if (ids.size === 0) return [...keys].sort();
  return pipelineKeys(doc).filter((key) => keys.has(key) || ids.has(entityOf(root, key)?.get('id')));
}
