// Writes the difference that an import made in one document into another that held the same before, as operations of its own.
// Written by hand and not by Loro's `applyDiff`: that gives groups new ids and leaves the pipelines naming the old ones, and
// turns a move within a list into a deletion and an insertion.

import { entityOf, groupsOf, pipelinesOf } from '@hakiri/config-doc/schema';
import { writeNames } from '@hakiri/config-doc/write';
import {
  type Container,
  type ContainerID,
  type Delta,
  isContainer,
  LoroCounter,
  type LoroDoc,
  type LoroEvent,
  LoroList,
  LoroMap,
  LoroMovableList,
  LoroText,
  LoroTree,
  type LoroTreeNode,
  type TreeID,
  type Value,
} from 'loro-crdt';
import { type Identities, isList, isSameValue, nodeContainer, translated } from './same-content.ts';

/** The target does not hold what it should now. It must not be used any more. */
export class RebaseError extends Error {
  override readonly name = 'RebaseError';
}

/**
 * `events` are those of the import into `merged`. Leaves committing to the caller. @throws RebaseError, or what Loro throws at
 * what it cannot write: then the target is spoilt
 */
export function writeDifference(
  target: LoroDoc,
  merged: LoroDoc,
  events: readonly LoroEvent[],
  identities: Identities,
): void {
  // Groups first: pipelines name them, and what is inside them follows.
  for (const { diff, target: id } of events)
    if (diff.type === 'tree') writeTree(target, merged, id, identities);
  for (const event of events) if (event.diff.type !== 'tree') writeEvent(target, merged, event, identities);
  verify(target, merged, events, identities);
}

function writeEvent(target: LoroDoc, merged: LoroDoc, event: LoroEvent, identities: Identities): void {
  const { diff } = event;
  const container = target.getContainerById(identities.containers.get(event.target) ?? event.target);
  if (diff.type === 'map' && container instanceof LoroMap) {
    for (const [key, value] of Object.entries(diff.updated)) writeEntry(container, key, value, identities);
  } else if (diff.type === 'text' && container instanceof LoroText) {
    container.applyDelta(diff.diff);
  } else if (diff.type === 'list' && isList(container)) {
    const wanted = merged.getContainerById(event.target);
    const names = container instanceof LoroMovableList && isList(wanted) ? namesOf(wanted) : undefined;
    if (container instanceof LoroMovableList && names !== undefined && namesOf(container) !== undefined)
      writeNames(container, names);
    else writeItems(container, diff.diff, identities);
  } else if (diff.type === 'counter' && container instanceof LoroCounter) {
    container.increment(diff.increment);
  } else throw new RebaseError(`${event.target} is not there`);
}

function writeEntry(
  map: LoroMap,
  key: string,
  value: Value | Container | undefined,
  identities: Identities,
): void {
  if (value === undefined) map.delete(key);
  else if (isContainer(value)) identities.containers.set(value.id, adopt(map, key, value).id);
  else map.set(key, translated(key, value, identities));
}

/** An empty container under the key, of the same kind; what is in it follows in events of its own. */
function adopt(map: LoroMap, key: string, container: Container): Container {
  return container.id.startsWith(MERGEABLE)
    ? emptied(mergeableLike(map, key, container))
    : map.setContainer(key, emptyLike(container));
}

/** Ids of children that everybody makes alike, see `ensureMergeableMap`. */
const MERGEABLE = 'cid:root-🤝';

function mergeableLike(map: LoroMap, key: string, container: Container): Container {
  switch (container.kind()) {
    case 'Map':
      return map.ensureMergeableMap(key);
    case 'Text':
      return map.ensureMergeableText(key);
    case 'List':
      return map.ensureMergeableList(key);
    case 'MovableList':
      return map.ensureMergeableMovableList(key);
    case 'Tree':
      return map.ensureMergeableTree(key);
    case 'Counter':
      return map.ensureMergeableCounter(key);
  }
}

/** A mergeable child comes back with what it held when it was deleted; the event tells all of it. */
function emptied(container: Container): Container {
  if (container instanceof LoroMap) container.clear();
  else if (isList(container)) container.clear();
  else if (container instanceof LoroText) container.delete(0, container.length);
  else if (container instanceof LoroCounter) container.decrement(container.value);
  return container;
}

function emptyLike(container: Container): Container {
  switch (container.kind()) {
    case 'Map':
      return new LoroMap();
    case 'Text':
      return new LoroText();
    case 'List':
      return new LoroList();
    case 'MovableList':
      return new LoroMovableList();
    case 'Tree':
      return new LoroTree();
    case 'Counter':
      return new LoroCounter();
  }
}

/** Undefined unless each item is a string, and another one. */
function namesOf(list: LoroList | LoroMovableList): string[] | undefined {
  const names = list.toArray().filter((item) => typeof item === 'string');
  return names.length === list.length && new Set(names).size === names.length ? names : undefined;
}

function writeItems(
  list: LoroList | LoroMovableList,
  delta: readonly Delta<(Value | Container)[]>[],
  identities: Identities,
): void {
  let index = 0;
  for (const step of delta) {
    if (step.retain !== undefined) index += step.retain;
    else if (step.delete !== undefined) list.delete(index, step.delete);
    else {
      for (const item of step.insert) {
        if (isContainer(item))
          identities.containers.set(item.id, list.insertContainer(index, emptyLike(item)).id);
        else list.insert(index, item);
        index += 1;
      }
    }
  }
}

/**
 * To the end state and not by the steps of the event, which make and delete again what only passes. A group that is alive again
 * gets a new id, as Loro cannot move what is deleted; the pipelines that named it follow.
 */
function writeTree(target: LoroDoc, merged: LoroDoc, id: ContainerID, identities: Identities): void {
  const from = merged.getContainerById(id);
  const to = target.getContainerById(identities.containers.get(id) ?? id);
  if (!(from instanceof LoroTree) || !(to instanceof LoroTree)) throw new RebaseError(`${id} is not there`);
  const gone = new Set(to.getNodes({ withDeleted: false }).map((node) => node.id));
  const levels: { nodes: LoroTreeNode[]; parent: LoroTreeNode | undefined }[] = [
    { nodes: from.roots(), parent: undefined },
  ];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    const { nodes, parent } = level;
    let previous: LoroTreeNode | undefined;
    for (const node of nodes) {
      const placed = place(to, node.id, { parent, previous, wanted: nodes }, identities, gone);
      previous = placed;
      levels.push({ nodes: node.children() ?? [], parent: placed });
    }
  }
  for (const node of gone) if (to.has(node) && !to.isNodeDeleted(node)) to.delete(node);
  if (to.id === groupsOf(target).id) repoint(target, identities);
}

type Place = { parent: LoroTreeNode | undefined; previous: LoroTreeNode | undefined; wanted: LoroTreeNode[] };

/** The node in `to`, under `parent` and behind `previous`; what is to be deleted may stand between. */
function place(
  to: LoroTree,
  id: TreeID,
  { parent, previous, wanted }: Place,
  identities: Identities,
  gone: Set<TreeID>,
): LoroTreeNode {
  const known = identities.groups.get(id) ?? id;
  const siblings = (parent === undefined ? to.roots() : parent.children()) ?? [];
  const behind = previous === undefined ? 0 : siblings.findIndex((node) => node.id === previous.id) + 1;
  if (!gone.delete(known)) {
    const created = to.createNode(parent?.id, behind);
    identities.groups.set(id, created.id);
    identities.containers.set(nodeContainer(id), created.data.id);
    return created;
  }
  const node = to.getNodeByID(known);
  if (node === undefined) throw new RebaseError(`group ${known} is not there`);
  const kept = new Set(wanted.map((other) => identities.groups.get(other.id) ?? other.id));
  const next = siblings.slice(behind).find((sibling) => kept.has(sibling.id));
  if (next?.id === known) return node;
  // Leaving its own place, what is behind it moves up.
  const own = siblings.findIndex((sibling) => sibling.id === known);
  node.move(parent, own !== -1 && own < behind ? behind - 1 : behind);
  return node;
}

/** Pipelines that name a group whose id is another one now. Those that the import changed follow with their events. */
function repoint(target: LoroDoc, identities: Identities): void {
  if (identities.groups.size === 0) return;
  const root = pipelinesOf(target);
  for (const key of root.keys().map(String)) {
    const entity = entityOf(root, key);
    const group = entity?.get('group');
    const now = typeof group === 'string' ? identities.groups.get(group) : undefined;
    if (now !== undefined) entity?.set('group', now);
  }
}

/** Everything that an event told of is compared, in whole: a pipeline with all that is in it. */
function verify(
  target: LoroDoc,
  merged: LoroDoc,
  events: readonly LoroEvent[],
  identities: Identities,
): void {
  for (const { path, diff, target: id } of events) {
    const root = rootOf(merged, id, path[0]);
    const own = root === undefined ? undefined : target.getContainerById(root.id);
    if (!(root instanceof LoroMap && own instanceof LoroMap)) {
      if (!isSameValue('', root, own, identities)) throw new RebaseError(`${path[0]} differs`);
      continue;
    }
    const keys = path.length > 1 ? [String(path[1])] : diff.type === 'map' ? Object.keys(diff.updated) : [];
    for (const key of keys)
      if (!isSameValue(key, root.get(key), own.get(key), identities))
        throw new RebaseError(`${path[0]}/${key} differs`);
  }
}

function rootOf(doc: LoroDoc, id: ContainerID, name: unknown): Container | undefined {
  if (id.startsWith('cid:root-') && !id.startsWith(MERGEABLE)) return doc.getContainerById(id);
  const root = Object.entries(doc.getShallowValue()).find(([key]) => key === name);
  return root === undefined ? undefined : doc.getContainerById(root[1]);
}
