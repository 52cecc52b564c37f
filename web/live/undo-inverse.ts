// What would take a step back, made of what Loro says between two versions, and written into the document as it is now: fitted to
// what was typed since, apart from what others changed since, and into what stands today where something was deleted and made anew.
import type { ContainerID, Delta, JsonDiff, LoroDoc, OpId, TreeDiffItem, TreeID } from 'loro-crdt';
import { isContainer, LoroMap, LoroMovableList, LoroText, LoroTree } from 'loro-crdt';
import { after, applied, isNothing, withoutRepeats } from './delta.ts';
import { isNoListChange, type ListInverse, listInverse, onlyOnce, patched, writeList } from './undo-list.ts';
import type { Path } from './undo-places.ts';
import { CONTAINER_MARK, transformFates } from './undo-transforms.ts';

type ByDiff = { container: ContainerID; diff: JsonDiff };
export type Inverse = (ByDiff | { container: ContainerID; list: ListInverse })[];
type TreeMap = Map<string, TreeID>;

export type Plan = { write: Inverse; kept: Inverse; keptPaths: Path[]; gonePaths: Path[] };

export type Facts = {
  /** Somebody else changed what is there, or something in it, since. */
  isOthers(path: Path): boolean;
  /** Somebody else put it, an item of a list, where it stands. */
  isPlacedByOthers(item: Path): boolean;
  /** Where a container stood, which may be another one now. */
  pathOf(container: ContainerID): Path | undefined;
  moved: TreeMap;
};

export function planInverse(doc: LoroDoc, versions: { before: OpId[]; after: OpId[] }, facts: Facts): Plan {
  const raw = doc.diff(versions.after, versions.before, true);
  const since = new Map(doc.diff(versions.after, doc.frontiers(), true));
  const fates = transformFates(doc, raw, facts);
  const plan: Plan = { write: [], kept: [], keptPaths: [], gonePaths: [] };
  let back: Map<ContainerID, JsonDiff> | undefined;
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
      const whole = diff.type === 'list' ? onlyOnce(diff) : diff;
      plan[parent].push({ container, diff: whole });
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
      const isGoing = (key: string): boolean => diff.updated[key] === undefined;
      // What is away already cannot be taken away.
      const isAway = Map.groupBy(
        Object.keys(diff.updated),
        (key) => isGoing(key) && !hasField(doc, target, key),
      );
      plan.gonePaths.push(...(isAway.get(true) ?? []).map((key) => [...path, key]));
      const keys = Map.groupBy(isAway.get(false) ?? [], (key) =>
        isGoing(key) ? fates.mayNotGo([...path, key]) : fates.mayNotCome([...path, key]),
      );
      for (const [isKept, names] of keys) {
        const updated = Object.fromEntries(names.map((key) => [key, diff.updated[key]]));
        const into = isKept ? 'kept' : 'write';
        plan[into].push({ container: target, diff: { type: 'map', updated } });
        if (isKept) plan.keptPaths.push(...names.map((key) => [...path, key]));
        noteMade(Object.values(updated), into);
      }
    } else if (diff.type === 'tree') {
      const parts = Map.groupBy(diff.diff, ({ target }) => facts.isOthers([...path, target]));
      const [kept, write] = [parts.get(true), parts.get(false)];
      if (write) plan.write.push({ container, diff: { type: 'tree', diff: write } });
      if (kept) plan.kept.push({ container, diff: { type: 'tree', diff: kept } });
      if (kept) plan.keptPaths.push(...kept.map(({ target }) => [...path, target]));
      for (const item of diff.diff)
        if (item.action === 'create') {
          const id = containerIn(`cid:${item.target}:Map`);
          if (id) made.set(id, kept?.includes(item) ? 'kept' : 'write');
        }
    } else if (diff.type !== 'counter') {
      const isThere = isLive(doc, container);
      const target = isThere ? container : standsAt(doc, path);
      // A text that was made anew has no history in common with the one that was typed into.
      const isAnother = diff.type === 'text' && !isThere;
      if (
        target === undefined ||
        (isAnother && (facts.isOthers(path) || !holds(target, textAfter(container))))
      )
        plan.gonePaths.push(path);
      else if (diff.type === 'text') {
        const fitted = after(isThere ? sinceIn(container) : [], diff.diff);
        if (!isNothing(fitted)) plan.write.push({ container: target, diff: { type: 'text', diff: fitted } });
      } else planList(target, path, listInverse(itemsAfter(container, isThere), diff.diff));
    }
  }

  /** From now to where the step ended: of what is deleted now it tells the whole. */
  function backTo(container: ContainerID): JsonDiff | undefined {
    back ??= new Map(doc.diff(doc.frontiers(), versions.after, true));
    return back.get(container);
  }

  /** The items of a list as the step left them. */
  function itemsAfter(container: ContainerID, isThere: boolean): unknown[] {
    const list = isThere ? doc.getContainerById(container) : undefined;
    const items = list instanceof LoroMovableList ? list.toArray() : [];
    const diff = backTo(container);
    return diff?.type === 'list' ? patched(items, diff.diff) : items;
  }

  /** A text as the step left it. */
  function textAfter(container: ContainerID, now = ''): string {
    const diff = backTo(container);
    return diff?.type === 'text' ? applied(now, diff.diff) : now;
  }

  /** What became of a text since the step. */
  function sinceIn(container: ContainerID): Delta<string>[] {
    const [diff, text] = [since.get(container), doc.getContainerById(container)];
    if (diff?.type !== 'text' || !(text instanceof LoroText)) return [];
    const isPure = diff.diff.every((item) => item.delete === undefined);
    return isPure ? diff.diff : withoutRepeats(diff.diff, textAfter(container, text.toString()));
  }

  function holds(container: ContainerID, text: string): boolean {
    const there = doc.getContainerById(container);
    return there instanceof LoroText && there.toString() === text;
  }

  function planList(container: ContainerID, path: Path, inverse: Omit<ListInverse, 'elsewhere'>): void {
    const elsewhere = new Set(inverse.order.filter((key) => facts.isPlacedByOthers([...path, key])));
    const mayNot = {
      remove: (key: string) => fates.mayNotGo(['transforms', key]),
      place: ({ key, isAnew }: ListInverse['place'][number]) =>
        isAnew ? fates.mayNotCome(['transforms', key]) : elsewhere.has(key),
    };
    const remove = Map.groupBy(inverse.remove, mayNot.remove);
    const place = Map.groupBy(inverse.place, mayNot.place);
    for (const isKept of [false, true]) {
      const of = { remove: remove.get(isKept) ?? [], place: place.get(isKept) ?? [] };
      const list = { ...inverse, ...of, elsewhere };
      if (!isNoListChange(list)) plan[isKept ? 'kept' : 'write'].push({ container, list });
    }
    // What goes or comes is named as an entry of its own.
    if (place.get(true)?.some(({ isAnew }) => !isAnew)) plan.keptPaths.push(path);
  }
  return plan;
}

/** Leaves committing to the caller. */
export function writeInverse(doc: LoroDoc, inverse: Inverse, moved: TreeMap): void {
  const diffs = inverse.filter((part) => 'diff' in part);
  const remade = new Set(
    diffs.flatMap(({ diff }) => (diff.type === 'tree' ? writeTree(doc, diff.diff, moved) : [])),
  );
  const others = diffs.flatMap(({ container, diff }): [ContainerID, JsonDiff][] => {
    if (diff.type === 'tree') return [];
    const node = nodeOf(container);
    const now = node && moved.get(node);
    const into = now ? containerIn(`cid:${now}:Map`) : container;
    return into
      ? [[into, diff.type === 'map' ? { ...diff, updated: withGroups(diff.updated, moved) } : diff]]
      : [];
  });
  doc.applyDiff(others, { fullState: true });
  for (const part of inverse) {
    const list = 'list' in part ? doc.getContainerById(part.container) : undefined;
    if ('list' in part && list instanceof LoroMovableList && !list.isDeleted()) writeList(list, part.list);
  }
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

function hasField(doc: LoroDoc, container: ContainerID, field: string): boolean {
  const map = doc.getContainerById(container);
  return map instanceof LoroMap && map.get(field) !== undefined;
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
