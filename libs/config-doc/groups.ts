// Groups: a tree whose nodes carry a name; everybody else sees paths such as `finance/daily`. Group membership is cosmetic:
// renaming or moving a group changes the path of every pipeline below it and restarts nothing. Renaming, moving and deleting are
// for the page's tree of groups.
import type { LoroDoc, LoroTreeNode, TreeID } from 'loro-crdt';
import { cleanGroupName, joinPath, splitGroupPath } from './group-path.ts';
import { entityOf, groupsOf, pipelinesOf } from './schema.ts';

/** Tree id → path, for the groups that exist. */
export type GroupPaths = ReadonlyMap<string, string>;

export function readGroupPaths(doc: LoroDoc): GroupPaths {
  const nodes = new Map<string, { name: string; parent: string | undefined }>();
  for (const node of groupsOf(doc).getNodes({ withDeleted: false })) {
    nodes.set(node.id, { name: cleanGroupName(node.data.get('name')), parent: node.parent()?.id });
  }
  const paths = new Map<string, string>();
  for (const id of nodes.keys()) {
    // Walked with a list, not recursively: a client may nest groups as deep as it likes.
    const chain: string[] = [];
    for (let at: string | undefined = id; at !== undefined && !paths.has(at); at = nodes.get(at)?.parent) {
      chain.push(at);
    }
    for (const at of chain.reverse()) {
      const node = nodes.get(at);
      if (node === undefined) continue;
      const above = node.parent === undefined ? '' : (paths.get(node.parent) ?? '');
      paths.set(at, joinPath(above, node.name));
    }
  }
  return paths;
}

/** For reading a few pipelines of many: a path is found when it is asked for. */
export function lazyGroupPaths(doc: LoroDoc): Pick<GroupPaths, 'get'> {
  const known = new Map<string, string | undefined>();
  return {
    get: (id) => {
      if (!known.has(id))
        known.set(id, isTreeId(id) && liveNode(doc, id) !== undefined ? groupPathOf(doc, id) : undefined);
      return known.get(id);
    },
  };
}

/** The path of one group, without reading the others; '' when it is gone or no group at all. */
export function groupPathOf(doc: LoroDoc, id: unknown): string {
  const chain: string[] = [];
  let node = isTreeId(id) ? liveNode(doc, id) : undefined;
  for (; node !== undefined; node = node.parent()) chain.push(cleanGroupName(node.data.get('name')));
  return chain.reverse().reduce(joinPath, '');
}

/** Every path that exists, empty groups too, in order. */
export function readGroups(doc: LoroDoc): string[] {
  return [...new Set(readGroupPaths(doc).values())].sort();
}

/** The group at `path`, made with what is missing above it; undefined is the root. Of equal names the first counts. */
export function ensureGroup(doc: LoroDoc, path: string): TreeID | undefined {
  const tree = groupsOf(doc);
  let parent: LoroTreeNode | undefined;
  for (const name of splitGroupPath(path)) {
    const siblings: LoroTreeNode[] = (parent === undefined ? tree.roots() : parent.children()) ?? [];
    const found = siblings.find((node) => cleanGroupName(node.data.get('name')) === name);
    parent = found ?? createNamed(doc, name, parent);
  }
  return parent?.id;
}

function createNamed(doc: LoroDoc, name: string, parent: LoroTreeNode | undefined): LoroTreeNode {
  const node = groupsOf(doc).createNode(parent?.id);
  node.data.set('name', name);
  return node;
}

/** False when the group is gone. */
export function renameGroup(doc: LoroDoc, id: TreeID, name: string): boolean {
  const node = liveNode(doc, id);
  node?.data.set('name', cleanGroupName(name));
  return node !== undefined;
}

/** Under `parent`, or to the top without one. False when one of them is gone or the move would put a group inside itself. */
export function moveGroup(doc: LoroDoc, id: TreeID, parent?: TreeID): boolean {
  if (liveNode(doc, id) === undefined) return false;
  if (parent !== undefined) {
    if (liveNode(doc, parent) === undefined) return false;
    for (let at = liveNode(doc, parent); at !== undefined; at = at.parent()) if (at.id === id) return false;
  }
  groupsOf(doc).move(id, parent);
  return true;
}

/** Removes the group and those inside it; their pipelines stay, at the root. False when it is gone already. */
export function deleteGroup(doc: LoroDoc, id: TreeID): boolean {
  if (liveNode(doc, id) === undefined) return false;
  groupsOf(doc).delete(id);
  return true;
}

/** The groups at `path` that no pipeline is in, nor in one below them. */
export function deleteEmptyGroups(doc: LoroDoc, path: string): void {
  const paths = readGroupPaths(doc);
  const root = pipelinesOf(doc);
  const used = new Set<string>();
  for (const key of root.keys()) {
    const group = entityOf(root, String(key))?.get('group');
    let node = isTreeId(group) ? liveNode(doc, group) : undefined;
    for (; node !== undefined && !used.has(node.id); node = node.parent()) used.add(node.id);
  }
  for (const [id, at] of paths) if (at === path && !used.has(id) && isTreeId(id)) deleteGroup(doc, id);
}

function isTreeId(id: unknown): id is TreeID {
  return typeof id === 'string' && /^[0-9]{1,10}@[0-9]{1,20}$/.test(id);
}

function liveNode(doc: LoroDoc, id: TreeID): LoroTreeNode | undefined {
  const tree = groupsOf(doc);
  return tree.has(id) && !tree.isNodeDeleted(id) ? tree.getNodeByID(id) : undefined;
}
