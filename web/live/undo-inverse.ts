// What would take a step back, made of what Loro says between two versions, and written into the document as it is now: fitted to
// what was typed since, apart from what others changed since, and into what stands today where something was deleted and made anew.
import type { ContainerID, JsonDiff, LoroDoc, OpId, TreeDiffItem, TreeID } from 'loro-crdt';
import { isContainer, LoroMap, LoroTree } from 'loro-crdt';
import { after, isNothing } from './delta.ts';

export type Path = readonly string[];
export type Inverse = { container: ContainerID; path: Path; diff: JsonDiff }[];
type TreeMap = Map<string, TreeID>;

/** Values that stand for a container that the same difference describes. */
const CONTAINER_MARK = '🦜:';

export type Plan = { write: Inverse; kept: Inverse; keptPaths: Path[]; gonePaths: Path[] };

/**
 * `isOthers`: somebody else changed what is there, or something in it, since. `pathOf`: where a container stood, which may be
 * another one now.
 */
export function planInverse(
  doc: LoroDoc,
  versions: { before: OpId[]; after: OpId[] },
  facts: { isOthers(path: Path): boolean; pathOf(container: ContainerID): Path | undefined; moved: TreeMap },
): Plan {
  const raw = doc.diff(versions.after, versions.before, true);
  const since = new Map(doc.diff(versions.after, doc.frontiers(), true));
  const plan: Plan = { write: [], kept: [], keptPaths: [], gonePaths: [] };
  /** Made by this difference itself, and by which part of it. */
  const made = new Map<ContainerID, 'write' | 'kept'>();
  const noteMade = (values: Iterable<unknown>, into: 'write' | 'kept'): void => {
    for (const value of values)
      if (typeof value === 'string' && value.startsWith(CONTAINER_MARK)) {
        const id = containerIn(value.slice(CONTAINER_MARK.length));
        if (id) made.set(id, into);
      }
  };
  for (const [container, diff] of raw) {
    const parent = made.get(container);
    if (parent) {
      plan[parent].push({ container, path: [], diff });
      if (diff.type === 'map') noteMade(Object.values(diff.updated), parent);
      continue;
    }
    const path = facts.pathOf(container) ?? [];
    if (diff.type === 'map') {
      const target = mapNow(doc, container, path, facts.moved);
      if (!target) {
        plan.gonePaths.push(...Object.keys(diff.updated).map((key) => [...path, key]));
        continue;
      }
      const keys = Map.groupBy(Object.keys(diff.updated), (key) => facts.isOthers([...path, key]));
      for (const [isKept, names] of keys) {
        const updated = Object.fromEntries(names.map((key) => [key, diff.updated[key]]));
        const into = isKept ? 'kept' : 'write';
        plan[into].push({ container: target, path, diff: { type: 'map', updated } });
        if (isKept) plan.keptPaths.push(...names.map((key) => [...path, key]));
        noteMade(Object.values(updated), into);
      }
    } else if (diff.type === 'tree') {
      const parts = Map.groupBy(diff.diff, ({ target }) => facts.isOthers([...path, target]));
      const [kept, write] = [parts.get(true), parts.get(false)];
      if (write) plan.write.push({ container, path, diff: { type: 'tree', diff: write } });
      if (kept) plan.kept.push({ container, path, diff: { type: 'tree', diff: kept } });
      if (kept) plan.keptPaths.push(...kept.map(({ target }) => [...path, target]));
      for (const item of diff.diff)
        if (item.action === 'create') {
          const id = containerIn(`cid:${item.target}:Map`);
          if (id) made.set(id, kept?.includes(item) ? 'kept' : 'write');
        }
    } else if (diff.type !== 'counter') {
      const isThere = isLive(doc, container);
      const target = isThere ? container : standsAt(doc, path);
      // Made anew, it has no history in common with the one that was typed into.
      if (target === undefined || (!isThere && facts.isOthers(path))) plan.gonePaths.push(path);
      else {
        const fitted = isThere ? fit(diff, since.get(container)) : diff;
        const isEmpty = fitted.type === 'text' ? isNothing(fitted.diff) : isNothing(fitted.diff);
        if (!isEmpty) plan.write.push({ container: target, path, diff: fitted });
      }
    }
  }
  return plan;
}

type Sequence = Extract<JsonDiff, { type: 'text' | 'list' }>;

function fit(diff: Sequence, since: JsonDiff | undefined): Sequence {
  if (diff.type === 'text' && since?.type === 'text')
    return { type: 'text', diff: after(since.diff, diff.diff) };
  if (diff.type === 'list' && since?.type === 'list')
    return { type: 'list', diff: after(since.diff, diff.diff) };
  return diff;
}

/** Leaves committing to the caller. */
export function writeInverse(doc: LoroDoc, inverse: Inverse, moved: TreeMap): void {
  const trees = inverse.filter(({ diff }) => diff.type === 'tree');
  const remade = new Set(
    trees.flatMap(({ diff }) => (diff.type === 'tree' ? writeTree(doc, diff.diff, moved) : [])),
  );
  const others = inverse.flatMap(({ container, diff }): [ContainerID, JsonDiff][] => {
    if (diff.type === 'tree') return [];
    const node = nodeOf(container);
    const now = node && moved.get(node);
    const into = now ? containerIn(`cid:${now}:Map`) : container;
    return into
      ? [[into, diff.type === 'map' ? { ...diff, updated: withGroups(diff.updated, moved) } : diff]]
      : [];
  });
  doc.applyDiff(others, { fullState: true });
  if (remade.size > 0) followGroups(doc, remade, moved);
}

/** A group that was deleted comes back under another id. Answers the ids that did. */
function writeTree(doc: LoroDoc, items: readonly TreeDiffItem[], moved: TreeMap): string[] {
  const tree = doc.getTree('groups');
  const now = (id: TreeID | undefined): TreeID | undefined =>
    id === undefined ? undefined : (moved.get(id) ?? id);
  const isThere = (id: TreeID | undefined): boolean =>
    id === undefined || (tree.has(id) && !tree.isNodeDeleted(id));
  const remade: string[] = [];
  for (const item of items) {
    const target = now(item.target) ?? item.target;
    if (item.action === 'delete') {
      if (isThere(target)) tree.delete(target);
      continue;
    }
    const parent = isThere(now(item.parent)) ? now(item.parent) : undefined;
    const siblings = (parent === undefined ? tree.roots() : tree.getNodeByID(parent)?.children()) ?? [];
    if (item.action === 'create' && !isThere(target)) {
      moved.set(item.target, tree.createNode(parent, Math.min(item.index, siblings.length)).id);
      remade.push(item.target);
    } else if (isThere(target)) tree.move(target, parent);
  }
  return remade;
}

/** Pipelines name their group by its id. */
function followGroups(doc: LoroDoc, remade: ReadonlySet<string>, moved: TreeMap): void {
  const pipelines = doc.getMap('pipelines');
  for (const key of pipelines.keys()) {
    const entity = pipelines.get(key);
    const group = entity instanceof LoroMap ? entity.get('group') : undefined;
    if (entity instanceof LoroMap && typeof group === 'string' && remade.has(group))
      entity.set('group', moved.get(group) ?? group);
  }
}

function withGroups<Values extends Record<string, unknown>>(updated: Values, moved: TreeMap): Values {
  const { group } = updated;
  const now = typeof group === 'string' ? moved.get(group) : undefined;
  return now ? { ...updated, group: now } : updated;
}

function mapNow(doc: LoroDoc, container: ContainerID, path: Path, moved: TreeMap): ContainerID | undefined {
  const node = path[0] === 'groups' ? nodeOf(container) : undefined;
  if (node) {
    const id = moved.get(node) ?? node;
    const tree = doc.getTree('groups');
    if (!isTreeId(id) || !tree.has(id) || tree.isNodeDeleted(id)) return undefined;
    return containerIn(`cid:${id}:Map`);
  }
  return isLive(doc, container) ? container : standsAt(doc, path);
}

function isLive(doc: LoroDoc, container: ContainerID): boolean {
  const now = doc.getContainerById(container);
  return now !== undefined && 'isDeleted' in now && !now.isDeleted();
}

/** The container at `path` today. */
function standsAt(doc: LoroDoc, path: Path): ContainerID | undefined {
  const [root, ...names] = path;
  if (root === undefined || root === 'groups') return undefined;
  let at: unknown = doc.getMap(root);
  for (const name of names) at = at instanceof LoroMap ? at.get(name) : undefined;
  return isContainer(at) && !(at instanceof LoroTree) ? at.id : undefined;
}

/** The group whose fields these are. */
function nodeOf(container: ContainerID): string | undefined {
  return /^cid:([0-9]+@[0-9]+):Map$/.exec(container)?.[1];
}

function isTreeId(id: string): id is TreeID {
  return /^[0-9]+@[0-9]+$/.test(id);
}

function containerIn(text: string): ContainerID | undefined {
  return isContainerId(text) ? text : undefined;
}

function isContainerId(text: string): text is ContainerID {
  return text.startsWith('cid:');
}
