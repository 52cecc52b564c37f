// What was touched between a version and now, from the operations alone: the cost follows the changes and never the document.
// Touched does not mean different: a value set and set back counts. A pipeline that differs is never left out, whatever clients write.
import type { JsonOp, LoroDoc, PeerID } from 'loro-crdt';
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

const PIPELINES = 'cid:root-pipelines:Map';
const TRANSFORMS = 'cid:root-transforms:Map';
const VARIABLES = 'cid:root-variables:Map';
const GROUPS = 'cid:root-groups:Tree';

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
  const ops = [...peers].flatMap(([peer, end]) => opsIn(doc, peer, since.get(peer) ?? 0, end));
  // Creations first: operations on what one peer made may stand in another peer's span.
  const walk = { doc, changes, created: new Set(ops.flatMap(createdBy)), paths: new Map<string, Path>() };
  for (const op of ops) noteOperation(op, walk);
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

function opsIn(doc: LoroDoc, peer: PeerID, start: number, end: number): JsonOp[] {
  if (end <= start) return [];
  return doc
    .exportJsonInIdSpan({ peer, counter: start, length: end - start })
    .flatMap((change) => change.ops);
}

type Path = readonly (string | number)[] | undefined;
type Walk = {
  doc: LoroDoc;
  changes: Some;
  /** Keys of pipelines and ids of groups that were made since. */
  created: Set<string>;
  paths: Map<string, Path>;
};

function createdBy({ container, content }: JsonOp): string[] {
  if (container === PIPELINES && content.type === 'insert' && 'key' in content) return [content.key];
  if (container === GROUPS && content.type === 'create' && 'target' in content) return [content.target];
  return [];
}

function noteOperation({ container, content }: JsonOp, walk: Walk): void {
  const { changes, created } = walk;
  const field = 'key' in content ? content.key : undefined;
  if (container === GROUPS) {
    if (content.type !== 'create') changes.groups ||= !('target' in content && created.has(content.target));
  } else if (field !== undefined && container === PIPELINES) {
    changes.pipelines.add(field);
    if (content.type === 'delete') changes.deleted.add(field);
  } else if (field !== undefined && container === TRANSFORMS) {
    noteTransform(field, true, walk);
  } else if (field !== undefined && container === VARIABLES) {
    changes.variables.add(field);
  } else {
    noteInside(pathOf(container, walk), field, walk);
  }
}

/** Inside an entity. What was deleted has no path any more: its deletion is noted by itself, or lies before the version. */
function noteInside(path: Path, field: string | undefined, walk: Walk): void {
  const { changes, created } = walk;
  const [root, key] = path ?? [];
  if (typeof key !== 'string') return;
  const ownField = path?.length === 2 ? field : undefined;
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

function pathOf(container: JsonOp['container'], walk: Walk): Path {
  if (!walk.paths.has(container)) walk.paths.set(container, walk.doc.getPathToContainer(container));
  return walk.paths.get(container);
}
