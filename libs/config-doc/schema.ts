// The shape of the document: its roots, which fields are containers of what kind, and access to them by name.
// Identity is the key, a ULID that is never reused; the id that people see is a field, so two pipelines may carry the same id
// for a while (an issue at Apply, not here). All children of an entity are made in the commit that makes the entity.
import { type LoroDoc, LoroMap, LoroMovableList, LoroText, type LoroTree } from 'loro-crdt';
import { ulid } from 'ulid';
import { SCHEMA_VERSION_FIELD } from './shape.ts';

export type Entity = LoroMap<Record<string, unknown>>;

/** The transform's field that names its pipeline: a change of a transform finds its pipeline without a search. */
export const OWNER_FIELD = 'pipeline';

export function pipelinesOf(doc: LoroDoc): Entity {
  return doc.getMap('pipelines');
}
export function transformsOf(doc: LoroDoc): Entity {
  return doc.getMap('transforms');
}
export function variablesOf(doc: LoroDoc): Entity {
  return doc.getMap('variables');
}
export function groupsOf(doc: LoroDoc): LoroTree {
  return doc.getTree('groups');
}

export function metaOf(doc: LoroDoc): Entity {
  return doc.getMap('meta');
}

/** Undefined when the document has not been initialized, or somebody overwrote the field with something else. */
export function schemaVersionOf(doc: LoroDoc): number | undefined {
  const version = metaOf(doc).get(SCHEMA_VERSION_FIELD);
  return typeof version === 'number' ? version : undefined;
}

/** The first step of migrations.ts, from nothing to version 1. Leaves committing to the caller. */
export function initDocument(doc: LoroDoc): void {
  if (schemaVersionOf(doc) === undefined) metaOf(doc).set(SCHEMA_VERSION_FIELD, 1);
}

export function newKey(): string {
  return ulid();
}

/** The entity under `key`; undefined when it was deleted, or when somebody put something else there. */
export function entityOf(root: Entity, key: string): Entity | undefined {
  const value = root.get(key);
  return value instanceof LoroMap ? value : undefined;
}

/** All of them with their keys: at less than half of what asking for each by its key costs. */
export function entitiesOf(root: Entity): [key: string, entity: Entity][] {
  return root
    .entries()
    .flatMap(([key, value]): [string, Entity][] => (value instanceof LoroMap ? [[key, value]] : []));
}

// A child that a raw client forgot, or overwrote with a value, is made anew: editing never gets stuck on it.
export function childMap(entity: Entity, field: string): Entity {
  const child = entity.get(field);
  return child instanceof LoroMap ? child : entity.setContainer(field, new LoroMap());
}
export function childText(entity: Entity, field: string): LoroText {
  const child = entity.get(field);
  return child instanceof LoroText ? child : entity.setContainer(field, new LoroText());
}
export function childList(entity: Entity, field: string): LoroMovableList {
  const child = entity.get(field);
  return child instanceof LoroMovableList ? child : entity.setContainer(field, new LoroMovableList());
}
