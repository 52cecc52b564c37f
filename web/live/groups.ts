// The tree of groups as the page shows it, read again only when somebody changes a group.
import { cleanGroupName, joinPath } from '@hakiri/config-doc/group-path';
import { groupsOf } from '@hakiri/config-doc/schema';
import type { LoroDoc, LoroTreeNode, TreeID } from 'loro-crdt';
import { createFollower } from './after-paint.ts';
import { onDocument } from './document-events.ts';
import { createStore, type Store } from './store.ts';

export type GroupNode = {
  id: TreeID;
  name: string;
  path: string;
  /** By name. */
  children: readonly GroupNode[];
};

export type Groups = { tree: Store<readonly GroupNode[]>; close(): void };

export function watchGroups(doc: LoroDoc): Groups {
  const tree = createStore(readTree(doc));
  const following = createFollower(() => tree.set(readTree(doc)));
  const unsubscribe = onDocument(doc, ({ events }) => {
    if (!events.some(({ path }) => path[0] === 'groups')) return;
    following.ask();
  });
  return {
    tree,
    close() {
      unsubscribe();
      following.cancel();
    },
  };
}

function readTree(doc: LoroDoc): readonly GroupNode[] {
  return nodesOf(groupsOf(doc).roots(), '');
}

/** A person's tree is shallow; one that a program nested without end is shown as deep as a path may be. */
const DEPTH_LIMIT = 64;

function nodesOf(nodes: readonly LoroTreeNode[], above: string, depth = 0): readonly GroupNode[] {
  if (depth > DEPTH_LIMIT) return [];
  return nodes
    .map((node) => {
      const name = cleanGroupName(node.data.get('name'));
      const path = joinPath(above, name);
      return { id: node.id, name, path, children: nodesOf(node.children() ?? [], path, depth + 1) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
