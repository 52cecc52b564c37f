// Where a container stands: in which entity, and at which field of it. Containers never move, so an answer stays true, also when
// the entity is deleted: Loro keeps what was deleted readable as long as its operations are kept, but no longer says its path.
import { type Container, type ContainerID, type LoroDoc, LoroMap, type OpId, type TreeID } from 'loro-crdt';
import { type EntityRoot, entityRootOf, GROUPS, isContainerId, operationIn } from './operations.ts';
import { entityOf, groupsOf, OWNER_FIELD } from './schema.ts';
import { exportSpan } from './unsafe-operations.ts';

export type Place = {
  root: EntityRoot | 'groups' | 'meta';
  key: string;
  /** Names from the entity to the container. */
  path: readonly string[];
  /** The entity's own container. */
  top: ContainerID;
};

const ROOTS: readonly string[] = ['pipelines', 'transforms', 'variables', 'groups', 'meta'];
/** No container of ours is nested deeper; a client's may be, and is nobody's. */
const DEPTH_LIMIT = 16;

export class Places {
  private readonly known = new Map<ContainerID, Place>();
  private readonly doc: LoroDoc;

  constructor(doc: LoroDoc) {
    this.doc = doc;
  }

  /** `keyOf` answers for the container of a deleted entity whose making is before the history that is kept. */
  find(container: ContainerID, keyOf?: (top: ContainerID) => string | undefined): Place | undefined {
    const found = this.known.get(container);
    if (found !== undefined) return found;
    const place = this.findLive(container) ?? this.findDeleted(container, keyOf);
    if (place !== undefined) this.known.set(container, place);
    return place;
  }

  /** Undefined when it is deleted. */
  findLive(container: ContainerID): Place | undefined {
    const [root, key, ...path] = (this.doc.getPathToContainer(container) ?? []).map(String);
    if (!isRoot(root)) return undefined;
    if (root === 'meta') return { root, key: key ?? '', path, top: container };
    if (key === undefined) return undefined;
    // A container's own word for whether it is deleted misses what was moved into a deleted group.
    if (root === 'groups')
      return isGroupGone(this.doc, key) ? undefined : { root, key, path, top: groupData(key) };
    const top = entityOf(this.doc.getMap(root), key)?.id;
    return top === undefined ? undefined : { root, key, path, top };
  }

  /** The pipeline that a transform names as its own, deleted or not. */
  ownerOf({ root, top }: Place): string | undefined {
    if (root !== 'transforms') return undefined;
    const entity = this.doc.getContainerById(top);
    const owner = entity instanceof LoroMap ? entity.get(OWNER_FIELD) : undefined;
    return typeof owner === 'string' ? owner : undefined;
  }

  forget(): void {
    this.known.clear();
  }

  get size(): number {
    return this.known.size;
  }

  private findDeleted(
    container: ContainerID,
    keyOf: ((top: ContainerID) => string | undefined) | undefined,
  ): Place | undefined {
    const path: string[] = [];
    let at: Container | undefined = this.doc.getContainerById(container);
    for (let depth = 0; at !== undefined && depth < DEPTH_LIMIT; depth++) {
      const parent: Container | undefined = at.parent();
      if (parent === undefined) return undefined;
      if (parent.id === GROUPS) {
        return { root: 'groups', key: nameOf(at.id), path: path.reverse(), top: at.id };
      }
      const root = entityRootOf(parent.id);
      if (root !== undefined) {
        const key = keyAtMaking(this.doc, at.id) ?? keyOf?.(at.id);
        return key === undefined ? undefined : { root, key, path: path.reverse(), top: at.id };
      }
      const name = nameIn(parent, at.id);
      if (name === undefined) return undefined;
      path.push(name);
      at = parent;
    }
    return undefined;
  }
}

/** Deleted, by itself or with a group around it, or never there. */
export function isGroupGone(doc: LoroDoc, group: string): boolean {
  const id = operationIn(group);
  const tree = groupsOf(doc);
  return id === undefined || !tree.has(treeId(id)) || tree.isNodeDeleted(treeId(id));
}

export function treeId({ counter, peer }: OpId): TreeID {
  return `${counter}@${peer}`;
}

/** Of a group's own map. */
export function groupData(id: string): ContainerID {
  const container = `cid:${id}:Map`;
  return isContainerId(container) ? container : GROUPS;
}

/** `counter@peer` of the operation that made it, which is also what a group is called. */
function nameOf(container: ContainerID): string {
  return container.slice('cid:'.length, container.lastIndexOf(':'));
}

function nameIn(parent: Container, child: ContainerID): string | undefined {
  if (!(parent instanceof LoroMap)) return undefined;
  return Object.entries(parent.getShallowValue()).find(([, value]) => value === child)?.[0];
}

function keyAtMaking(doc: LoroDoc, container: ContainerID): string | undefined {
  const made = operationIn(nameOf(container));
  if (made === undefined) return undefined;
  const [change] = exportSpan(doc, made.peer, made.counter, made.counter + 1);
  const content = change?.ops.find((op) => op.counter === made.counter)?.content;
  return content !== undefined && 'key' in content ? content.key : undefined;
}

function isRoot(name: string | undefined): name is Place['root'] {
  return name !== undefined && ROOTS.includes(name);
}
