// What was touched between a version and now, from the operations alone: the cost follows the changes and never the document.
// Touched does not mean different: a value set and set back counts. A pipeline that differs is never left out, whatever clients write.
import type { LoroDoc } from 'loro-crdt';
import { changesIn, containerIn, type Meaning, meaningOf } from './operations.ts';
import { type Place, Places } from './operations-place.ts';
import { transformKeys } from './read.ts';
import { entityOf, OWNER_FIELD, transformsOf } from './schema.ts';
import type { Version } from './version.ts';

export type Changes =
  /** It cannot be known: the version is older than the history that is kept here. */
  | { kind: 'all' }
  | {
      kind: 'some';
      /** Keys of pipelines that were made, deleted or edited. Those that list one of `transforms` are touched too: ask `isTouched`. */
      pipelines: Set<string>;
      /** Transforms that were made, deleted or given away, so that their own word for whose they are is not enough. */
      transforms: Set<string>;
      variables: Set<string>;
      /** Of `pipelines` that were there before: what a scope may have lost. */
      deleted: Set<string>;
      renamed: Set<string>;
      regrouped: Set<string>;
      /** A group that was there before was renamed, moved or deleted: paths may differ, nothing else. */
      groups: boolean;
    };

type Some = Extract<Changes, { kind: 'some' }>;

/** The caller makes sure that the document includes `since`. What waits for a commit is committed. */
export function changedPipelines(doc: LoroDoc, since: Version): Changes {
  if (isBeforeHistory(doc, since)) return { kind: 'all' };
  const changes: Some = {
    kind: 'some',
    pipelines: new Set(),
    transforms: new Set(),
    variables: new Set(),
    deleted: new Set(),
    renamed: new Set(),
    regrouped: new Set(),
    groups: false,
  };
  const now = doc.oplogVersion();
  const peers = now.toJSON();
  now.free();
  const spans = [...peers].map(([peer, end]) => ({ peer, start: since.get(peer) ?? 0, end }));
  const operations = changesIn(doc, spans).flatMap(({ ops }) => ops.map(meaningOf));
  // Creations first: operations on what one peer made may stand in another peer's span.
  const walk = { doc, changes, created: new Set(operations.flatMap(createdBy)), places: new Places(doc) };
  for (const operation of operations) noteOperation(operation, walk);
  return changes;
}

/** Whether the pipeline, as it is now, was touched. */
export function isTouched(doc: LoroDoc, changes: Changes, key: string): boolean {
  if (changes.kind === 'all' || changes.pipelines.has(key)) return true;
  return (
    changes.transforms.size > 0 &&
    transformKeys(doc, key).some((transform) => changes.transforms.has(transform))
  );
}

/** Before the shallow root the operations are gone, and asking for them answers with nothing instead of an error. */
function isBeforeHistory(doc: LoroDoc, since: Version): boolean {
  const root = doc.shallowSinceVV();
  const starts = root.toJSON();
  root.free();
  return (
    [...starts].some(([peer, counter]) => (since.get(peer) ?? 0) < counter) ||
    doc.shallowSinceFrontiers().some(({ peer, counter }) => (since.get(peer) ?? 0) <= counter)
  );
}

type Walk = {
  doc: LoroDoc;
  changes: Some;
  /** Keys of pipelines and ids of groups that were made since. */
  created: Set<string>;
  places: Places;
};

function createdBy(operation: Meaning): string[] {
  if (operation.kind === 'group_made') return [operation.id];
  const isMade = operation.kind === 'entity' && operation.root === 'pipelines' && !operation.isDeletion;
  return isMade ? [operation.key] : [];
}

function noteOperation(operation: Meaning, walk: Walk): void {
  const { changes, created, places } = walk;
  switch (operation.kind) {
    case 'group_made':
      return;
    case 'group_moved':
    case 'group_deleted':
      changes.groups ||= !created.has(operation.id);
      return;
    case 'entity':
      noteEntity(operation, walk);
      return;
    case 'field':
    case 'content':
      // What was deleted is not looked for: its deletion is noted by itself, or lies before the version.
      noteInside(places.findLive(operation.container), operation, walk);
  }
}

function noteEntity(
  { root, key, isDeletion, value }: Extract<Meaning, { kind: 'entity' }>,
  walk: Walk,
): void {
  const { changes } = walk;
  if (root === 'transforms') noteTransform(key, true, walk);
  else changes[root].add(key);
  // What is no map is no pipeline: who writes that in its place deletes it.
  const isGone = isDeletion || containerIn(value) === undefined;
  if (root === 'pipelines' && isGone) changes.deleted.add(key);
}

function noteInside(place: Place | undefined, operation: Meaning, walk: Walk): void {
  const { changes, created } = walk;
  if (place === undefined) return;
  const { root, key, path } = place;
  const ownField = operation.kind === 'field' && path.length === 0 ? operation.field : undefined;
  if (root === 'groups') changes.groups ||= !created.has(key);
  if (root === 'variables') changes.variables.add(key);
  if (root === 'transforms') noteTransform(key, ownField === OWNER_FIELD, walk);
  if (root !== 'pipelines') return;
  changes.pipelines.add(key);
  if (created.has(key)) return;
  if (ownField === 'id') changes.renamed.add(key);
  if (ownField === 'group') changes.regrouped.add(key);
}

function noteTransform(key: string, isOwnerInDoubt: boolean, walk: Walk): void {
  const owner = entityOf(transformsOf(walk.doc), key)?.get(OWNER_FIELD);
  if (typeof owner === 'string') walk.changes.pipelines.add(owner);
  if (typeof owner !== 'string' || isOwnerInDoubt) walk.changes.transforms.add(key);
}
