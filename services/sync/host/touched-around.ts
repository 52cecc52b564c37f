// Pipelines that are touched by something that stands elsewhere: a group above them that was renamed, moved or deleted, or a
// transform that they list and that was deleted or given away. Looks at every pipeline, and so only when there is such a thing.
import { operationIn } from '@hakiri/config-doc/operations';
import { treeId } from '@hakiri/config-doc/operations-place';
import { pipelineKeys, transformKeys } from '@hakiri/config-doc/read';
import { entityOf, groupsOf, pipelinesOf } from '@hakiri/config-doc/schema';
import type { Version } from '@hakiri/config-doc/version';
import type { LoroDoc } from 'loro-crdt';
import type { Entries } from './touched-entries.ts';

/** `by`: the operations that touched it. */
export type Affected = { key: string; by: Version; isCosmetic: boolean };

export function findAffected(doc: LoroDoc, groups: Entries, transforms: Entries): Affected[] {
  const root = pipelinesOf(doc);
  const touchedAbove = createLookUp(doc, groups);
  return pipelineKeys(doc).flatMap((key) => {
    const above = groups.size === 0 ? [] : touchedAbove(entityOf(root, key)?.get('group'));
    const listed =
      transforms.size === 0 ? [] : transformKeys(doc, key).map((one) => transforms.all().get(one));
    return [
      ...above.map((by) => ({ key, by, isCosmetic: true })),
      ...listed.flatMap((entry) =>
        entry === undefined ? [] : [{ key, by: entry.stamps, isCosmetic: false }],
      ),
    ];
  });
}

/** What touched a group or one above it. Many pipelines are in one group. */
function createLookUp(doc: LoroDoc, groups: Entries): (group: unknown) => readonly Version[] {
  const tree = groupsOf(doc);
  const known = new Map<string, readonly Version[]>();
  return (group) => {
    if (typeof group !== 'string') return [];
    const found = known.get(group);
    if (found !== undefined) return found;
    const touched: Version[] = [];
    const first = operationIn(group);
    let node = first === undefined || !tree.has(treeId(first)) ? undefined : tree.getNodeByID(treeId(first));
    // One that is deleted has no place any more from which to go up: any that was touched may have taken it along.
    if (node !== undefined && tree.isNodeDeleted(node.id)) {
      touched.push(...[...groups.all().values()].map(({ stamps }) => stamps));
      node = undefined;
    }
    for (; node !== undefined; node = node.parent()) {
      const stamps = groups.all().get(node.id)?.stamps;
      if (stamps !== undefined) touched.push(stamps);
    }
    known.set(group, touched);
    return touched;
  };
}
