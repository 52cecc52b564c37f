// Two documents that hold the same under different ids: what was rebased has containers and groups of its own. Pairs them up, or
// says that they do not hold the same.
import { type Json, jsonEqual } from '@hakiri/base/json';
import { groupPathOf } from '@hakiri/config-doc/groups';
import { plain } from '@hakiri/config-doc/plain';
import { groupsOf } from '@hakiri/config-doc/schema';
import {
  type ContainerID,
  isContainer,
  type LoroDoc,
  LoroList,
  LoroMap,
  LoroMovableList,
  LoroTree,
  type LoroTreeNode,
  type TreeID,
} from 'loro-crdt';

/** From what an id is in the one document to what it is in the other; what is not in here has the same id in both. */
export type Identities = {
  containers: Map<ContainerID, ContainerID>;
  groups: Map<string, TreeID>;
  /** Whether two ids name groups that are gone: then it does not matter which. Unknown unless all of both documents was read. */
  areGone?: (a: string, b: string) => boolean;
};

/** The pipeline's field that holds the id of a group, the one place where the content of a document names an id. */
const GROUP_FIELD = 'group';

export function newIdentities(): Identities {
  return { containers: new Map(), groups: new Map() };
}

export function nodeContainer(node: TreeID): ContainerID {
  return `cid:${node}:Map`;
}

/** What stands under `field` in the one document as it has to stand in the other. */
export function translated<T>(field: string, value: T, { groups }: Identities): T | TreeID {
  return field === GROUP_FIELD && typeof value === 'string' ? (groups.get(value) ?? value) : value;
}

/** Undefined when `b` holds something else than `a`. Reads all of both. */
export function pairUp(a: LoroDoc, b: LoroDoc): Identities | undefined {
  const identities = newIdentities();
  // Groups first: pipelines name them.
  if (!isSameValue('', groupsOf(a), groupsOf(b), identities)) return undefined;
  identities.areGone = (one, other) => groupPathOf(a, one) === '' && groupPathOf(b, other) === '';
  const roots = new Set([...Object.values(a.getShallowValue()), ...Object.values(b.getShallowValue())]);
  for (const id of roots) {
    const [one, other] = [a.getContainerById(id), b.getContainerById(id)];
    if (!isSameValue('', one, other, identities)) return undefined;
  }
  return identities;
}

/** Whether `b`, in its document, is what `a` is in the other. Adds the ids that it comes across. */
export function isSameValue(field: string, a: unknown, b: unknown, identities: Identities): boolean {
  if (!isContainer(a) || !isContainer(b)) {
    const [one, other] = [readValue(a), readValue(b)];
    return a === b || jsonEqual(translated(field, one, identities), other) || isGone(field, a, b, identities);
  }
  if (a.id !== b.id) identities.containers.set(a.id, b.id);
  if (a instanceof LoroMap && b instanceof LoroMap) {
    const keys = a.keys().map(String);
    return (
      keys.length === b.size && keys.every((key) => isSameValue(key, a.get(key), b.get(key), identities))
    );
  }
  if (isList(a) && isList(b)) {
    const [items, others] = [a.toArray(), b.toArray()];
    return (
      items.length === others.length &&
      items.every((item, index) => isSameValue('', item, others[index], identities))
    );
  }
  if (a instanceof LoroTree && b instanceof LoroTree) return areSameNodes(a.roots(), b.roots(), identities);
  return a.kind() === b.kind() && jsonEqual(readValue(a), readValue(b));
}

function isGone(field: string, a: unknown, b: unknown, { areGone }: Identities): boolean {
  return field === GROUP_FIELD && typeof a === 'string' && typeof b === 'string' && areGone?.(a, b) === true;
}

function areSameNodes(a: LoroTreeNode[], b: LoroTreeNode[], identities: Identities): boolean {
  // With a list, not recursively: a client may nest groups as deep as it likes.
  const levels = [{ a, b }];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    if (level.a.length !== level.b.length) return false;
    for (const [index, node] of level.a.entries()) {
      const other = level.b[index];
      if (other === undefined || !isSameValue('', node.data, other.data, identities)) return false;
      if (node.id !== other.id) identities.groups.set(node.id, other.id);
      levels.push({ a: node.children() ?? [], b: other.children() ?? [] });
    }
  }
  return true;
}

export function isList(value: unknown): value is LoroList | LoroMovableList {
  return value instanceof LoroList || value instanceof LoroMovableList;
}

function readValue(value: unknown): Json {
  return plain(isContainer(value) ? value.toJSON() : value);
}
