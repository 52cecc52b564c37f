// Which pipelines of the document a scope takes, without reading their bodies.
import type { Scope } from '@hakiri/contracts/sync';
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
    case 'group': {
      const paths = groups ?? readGroupPaths(doc);
      return pipelineKeys(doc).filter((key) => isInGroup(pathOf(doc, key, paths), scope.group));
    }
    case 'pipelines': {
      const root = pipelinesOf(doc);
      const keys = new Set(scope.pipelines.filter((name) => root.get(name) !== undefined));
      const ids = new Set<unknown>(scope.pipelines.filter((name) => !keys.has(name)));
      if (ids.size === 0) return [...keys].sort();
      return pipelineKeys(doc).filter((key) => keys.has(key) || ids.has(entityOf(root, key)?.get('id')));
    }
  }
}

function pathOf(doc: LoroDoc, key: string, paths: GroupPaths): string {
  const group = entityOf(pipelinesOf(doc), key)?.get('group');
  return typeof group === 'string' ? (paths.get(group) ?? '') : '';
}
