// What is done to groups, each as one commit.
import { commitEdit, moveToGroup } from '@hakiri/config-doc/edit';
import { cleanGroupName, joinPath } from '@hakiri/config-doc/group-path';
import { deleteGroup, ensureGroup, moveGroup, renameGroup } from '@hakiri/config-doc/groups';
import type { LoroDoc } from 'loro-crdt';
import type { GroupNode } from '../../live/groups.ts';
import { ORIGIN } from '../list/list-edits.ts';

/** Answers its path. */
export function createGroup(doc: LoroDoc, above: string, name: string): string {
  const path = joinPath(above, cleanGroupName(name));
  commitEdit(doc, ORIGIN, () => ensureGroup(doc, path));
  return path;
}

/** Answers its new path; undefined when it is gone. */
export function rename(doc: LoroDoc, node: GroupNode, name: string): string | undefined {
  const isDone = commitEdit(doc, ORIGIN, () => renameGroup(doc, node.id, name));
  return isDone ? joinPath(abovePath(node.path), cleanGroupName(name)) : undefined;
}

/** Under `parent`, to the top without one. False when one of them is gone, or it would stand in itself. */
export function reparent(doc: LoroDoc, node: GroupNode, parent: GroupNode | undefined): boolean {
  return commitEdit(doc, ORIGIN, () => moveGroup(doc, node.id, parent?.id));
}

/** `keys`: the pipelines in it and below it, which go to the group above. */
export function removeGroup(doc: LoroDoc, node: GroupNode, keys: readonly string[]): void {
  const above = abovePath(node.path);
  commitEdit(doc, ORIGIN, () => {
    for (const key of keys) moveToGroup(doc, key, above);
    deleteGroup(doc, node.id);
  });
}

export function abovePath(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}
