// Which pairs of the ledger's operations are conflicts that people have to know of, given which operations are new: each is found by
// the import that brings its second operation, whatever was found or forgotten before.
import { isRecord, jsonEqual } from '@hakiri/base/json';
import type { ContainerID, LoroDoc } from 'loro-crdt';
import type { DeletedEntities } from './conflicts-deleted.ts';
import {
  type Deletion,
  type Edit,
  type Field,
  type Head,
  type Ledger,
  newestOf,
  type Operation,
  type Touched,
} from './conflicts-ledger.ts';
import { containerIn, entityRootOf, GROUPS, operationIn } from './operations.ts';
import { groupData, isGroupGone, type Place, type Places, treeId } from './operations-place.ts';
import { plain } from './plain.ts';
import { groupsOf } from './schema.ts';

export type Entity = { root: Place['root']; key: string; top?: ContainerID };

export type Conflict = {
  kind: 'same_field' | 'edit_discarded' | 'both_deleted';
  entity: Entity;
  /** From the entity to the field; empty is the entity itself. */
  path: readonly string[];
  /** Of edits in what was deleted: all of them. */
  paths?: readonly (readonly string[])[];
  won: Head | Deletion;
  lost: Head | Edit;
};

type Found = {
  doc: LoroDoc;
  ledger: Ledger;
  places: Places;
  deleted: DeletedEntities;
  touched: Touched;
  isNew: (operation: Operation) => boolean;
  /** Takes what was edited in entities that cannot be named: their deletion is further back. */
  unnamed: Set<ContainerID>;
};

export function findConflicts(found: Found): Conflict[] {
  return [...[...found.touched.fields].flatMap((field) => inField(field, found)), ...inDeleted(found)];
}

/** The winner against each other head. */
function inField(field: Field, found: Found): Conflict[] {
  const { heads } = field;
  const won = heads.length > 1 && heads.some(found.isNew) ? newestOf(heads) : undefined;
  if (won === undefined) return [];
  const place = placeOf(field, won, found);
  if (place === undefined) return [];
  return heads.flatMap((lost): Conflict[] => {
    if (lost === won || !(found.isNew(won) || found.isNew(lost))) return [];
    if (won.isDeletion && lost.isDeletion) {
      return place.isEntity ? [{ kind: 'both_deleted', ...place, won, lost }] : [];
    }
    // A group's move into what was deleted is an edit like others.
    if (won.isDeletion && field.container === GROUPS) return [];
    const kind = place.isEntity && won.isDeletion ? 'edit_discarded' : 'same_field';
    return isEqual(won, lost, found.doc) ? [] : [{ kind, ...place, won, lost }];
  });
}

type FieldPlace = { entity: Entity; path: readonly string[]; isEntity: boolean };

/** Undefined when nobody has to know: it is deleted, or nobody's. */
function placeOf({ container, key }: Field, won: Head, found: Found): FieldPlace | undefined {
  const { doc, places, deleted } = found;
  if (container === GROUPS) {
    const isDeleted = isGroupGone(doc, key);
    if (isDeleted && !won.isDeletion) return undefined;
    const entity: Entity = { root: 'groups', key, top: groupData(key) };
    return { entity, path: isDeleted ? [] : ['parent'], isEntity: isDeleted };
  }
  const root = entityRootOf(container);
  if (root !== undefined) {
    const top = deleted.topOf(`${root}/${key}`);
    // A pipeline's deletion speaks for its transforms.
    const owner = top === undefined ? undefined : places.ownerOf({ root, key, top, path: [] });
    if (owner !== undefined && doc.getMap('pipelines').get(owner) === undefined) return undefined;
    return { entity: top === undefined ? { root, key } : { root, key, top }, path: [], isEntity: true };
  }
  const place = places.findLive(container);
  if (place === undefined) return undefined;
  if (place.root === 'meta') {
    const [first = key, ...rest] = place.key === '' ? [] : [place.key, ...place.path, key];
    return { entity: { root: 'meta', key: first }, path: rest, isEntity: false };
  }
  return { entity: place, path: [...place.path, key], isEntity: false };
}

function isEqual(a: Head, b: Head, doc: LoroDoc): boolean {
  if (a.isDeletion || b.isDeletion) return a.isDeletion === b.isDeletion;
  return jsonEqual(plain(contentOf(a.value, doc)), plain(contentOf(b.value, doc)));
}

/** With the content of a container. */
export function contentOf(value: unknown, doc: LoroDoc): unknown {
  const id = containerIn(value);
  if (id === undefined) return value;
  const container: unknown = doc.getContainerById(id);
  return isRecord(container) && typeof container.toJSON === 'function' ? container.toJSON() : undefined;
}

/** One conflict for each person and deletion. */
function inDeleted(found: Found): Conflict[] {
  const { ledger, touched, places, deleted, isNew } = found;
  if (ledger.deletions.size === 0) return [];
  const containers = touched.deletions.size > 0 ? ledger.edits.keys() : touched.containers;
  const conflicts = new Map<string, Conflict & { paths: (readonly string[])[] }>();
  for (const container of containers) {
    const place = places.find(container, (top) => {
      const key = deleted.keyOf(top);
      if (key === undefined) found.unnamed.add(container);
      return key;
    });
    const levels = place === undefined ? [] : levelsOf(place, found);
    if (place === undefined || levels.length === 0) continue;
    for (const edit of ledger.edits.get(container) ?? []) {
      const hit = levels
        .map((level) => ({ level, won: deletionOf(edit, level.deletions, found) }))
        .find(({ won }) => won !== undefined);
      if (hit?.won === undefined || !(isNew(edit) || hit.won.isNew)) continue;
      const { deletion, entity } = hit.won;
      const path = [
        ...hit.level.prefixOf(entity),
        ...place.path,
        ...(edit.field === undefined ? [] : [edit.field]),
      ];
      const name = `${deletion.counter}@${deletion.peer} ${edit.peer}`;
      const conflict = conflicts.get(name);
      if (conflict === undefined) {
        const kind = 'edit_discarded';
        const top = entity.top ?? deleted.topOf(`${entity.root}/${entity.key}`, deletion);
        const whole = top === undefined ? entity : { ...entity, top };
        conflicts.set(name, { kind, entity: whole, path, paths: [path], won: deletion, lost: edit });
        continue;
      }
      conflict.paths.push(path);
      if (edit.counter > conflict.lost.counter) Object.assign(conflict, { path, lost: edit });
    }
  }
  return [...conflicts.values()];
}

type EntityDeletion = { entity: Entity; deletion: Deletion };
type Level = { deletions: EntityDeletion[]; prefixOf: (entity: Entity) => string[] };

/** What may have been deleted around the place, the one that speaks for the others first. */
function levelsOf(place: Place, found: Found): Level[] {
  const { doc, places } = found;
  const deletionsOf = (root: Place['root'], key: string, top?: ContainerID): EntityDeletion[] =>
    (found.ledger.deletions.get(`${root}/${key}`) ?? []).map((deletion) => ({
      entity: top === undefined ? { root, key } : { root, key, top },
      deletion,
    }));
  if (place.root === 'groups') {
    if (!isGroupGone(doc, place.key)) return [];
    const deletions = ancestorsOf(doc, place.key).flatMap((id) => deletionsOf('groups', id, groupData(id)));
    return [{ deletions, prefixOf: ({ key }) => (key === place.key ? [] : ['groups', place.key]) }];
  }
  const own: Level = { deletions: deletionsOf(place.root, place.key, place.top), prefixOf: () => [] };
  const owner = places.ownerOf(place);
  if (owner === undefined) return own.deletions.length > 0 ? [own] : [];
  const above: Level = {
    deletions: deletionsOf('pipelines', owner),
    prefixOf: () => ['transforms', place.key],
  };
  return [above, own].filter(({ deletions }) => deletions.length > 0);
}

/** What Loro puts deleted groups into; it cannot be asked anything. */
const GONE = '2147483647@18446744073709551615';

/** The group itself and those around it, up to the one that was deleted. */
function ancestorsOf(doc: LoroDoc, group: string): string[] {
  const chain: string[] = [];
  const id = operationIn(group);
  let node = id && groupsOf(doc).getNodeByID(treeId(id));
  for (; node !== undefined && node.id !== GONE; node = node.parent()) chain.push(node.id);
  return chain;
}

/** The deletion that discarded the edit. Of deletions that follow each other, after somebody restored the entity, the last. */
function deletionOf(edit: Edit, deletions: readonly EntityDeletion[], { ledger, isNew }: Found) {
  const concurrent = deletions.filter(({ deletion }) => ledger.areConcurrent(edit, deletion));
  const last = concurrent.filter(
    (one) => !concurrent.some((other) => ledger.knows(other.deletion, one.deletion)),
  );
  const newest = newestOf(last.map(({ deletion }) => deletion));
  const won = last.find(({ deletion }) => deletion === newest);
  // Who lost an edit to one deletion is not told again when a second one arrives.
  return won && { ...won, isNew: last.every(({ deletion }) => isNew(deletion)) };
}
