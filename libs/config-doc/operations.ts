// Operations as Loro exports them, told apart by what they mean here: whoever reads a document's log (what changed, its history,
// its conflicts) reads it through this. The cost follows the operations asked for and never the document.
import { assert } from '@hakiri/base/assert';
import type {
  ContainerID,
  CounterSpan,
  JsonChange,
  JsonOp,
  LoroDoc,
  OpId,
  PeerID,
  TreeID,
  Value,
} from 'loro-crdt';
import { exportSpan } from './unsafe-operations.ts';
import { isPeerId } from './version.ts';

/** Counters of one peer, the end excluded. */
export type Span = { readonly peer: PeerID; readonly start: number; readonly end: number };

export const PIPELINES = 'cid:root-pipelines:Map';
export const TRANSFORMS = 'cid:root-transforms:Map';
export const VARIABLES = 'cid:root-variables:Map';
export const GROUPS = 'cid:root-groups:Tree';
export const META = 'cid:root-meta:Map';

/** Roots whose keys are entities. */
export type EntityRoot = 'pipelines' | 'transforms' | 'variables';

export type Meaning =
  /** An entity was put under its key, or deleted. */
  | { kind: 'entity'; root: EntityRoot; key: string; isDeletion: boolean; value: unknown }
  | { kind: 'group_made'; id: TreeID; parent: TreeID | null }
  | { kind: 'group_moved'; id: TreeID; parent: TreeID | null }
  | { kind: 'group_deleted'; id: TreeID }
  /** One key of a map, inside an entity or of `meta`. */
  | { kind: 'field'; container: ContainerID; field: string; isDeletion: boolean; value: unknown }
  /** Inside a text or a list, where everything merges. */
  | { kind: 'content'; container: ContainerID };

/** What the import of an update answers as `success`. */
export function spansOf(success: ReadonlyMap<PeerID, CounterSpan>): Span[] {
  return [...success].map(([peer, { start, end }]) => ({ peer, start, end })).filter(isFilled);
}

/** In the order of their causes; a change that began before its span is cut at its start. */
export function changesIn(doc: LoroDoc, spans: readonly Span[]): JsonChange[] {
  const changes = spans.filter(isFilled).flatMap(({ peer, start, end }) => exportSpan(doc, peer, start, end));
  return spans.length > 1 ? changes.sort((a, b) => a.lamport - b.lamport) : changes;
}

export function meaningOf({ container, content }: JsonOp): Meaning {
  if (container === GROUPS && 'target' in content) {
    const id = content.target;
    if (content.type === 'delete') return { kind: 'group_deleted', id };
    const parent = content.parent ?? null;
    return { kind: content.type === 'create' ? 'group_made' : 'group_moved', id, parent };
  }
  if (!('key' in content)) return { kind: 'content', container };
  const isDeletion = content.type === 'delete';
  const value: unknown = 'value' in content ? content.value : undefined;
  const root = entityRootOf(container);
  if (root !== undefined) return { kind: 'entity', root, key: content.key, isDeletion, value };
  return { kind: 'field', container, field: content.key, isDeletion, value };
}

/** Of an operation's or a group's name, `counter@peer`. */
export function operationIn(id: string): OpId | undefined {
  const [, counter, peer] = /^([0-9]{1,10})@([0-9]{1,20})$/.exec(id) ?? [];
  return peer !== undefined && isPeerId(peer) ? { peer, counter: Number(counter) } : undefined;
}

/** Who made the change, where it begins here, and what its author knew. */
export function originOf(change: JsonChange): OpId & { deps: OpId[] } {
  const at = operationIn(change.id);
  assert(at !== undefined, 'Loro names a change after its first operation');
  return { ...at, deps: change.deps.flatMap((dep) => operationIn(dep) ?? []) };
}

export function entityRootOf(container: string): EntityRoot | undefined {
  if (container === PIPELINES) return 'pipelines';
  if (container === TRANSFORMS) return 'transforms';
  return container === VARIABLES ? 'variables' : undefined;
}

/** A value of an operation that is a container is written as a parrot and its id. */
export function containerIn(value: unknown): ContainerID | undefined {
  const id = typeof value === 'string' && value.startsWith('🦜:') ? value.slice('🦜:'.length) : undefined;
  return id !== undefined && isContainerId(id) ? id : undefined;
}

export function isContainerId(value: Value | unknown): value is ContainerID {
  return typeof value === 'string' && value.startsWith('cid:');
}

function isFilled({ start, end }: Span): boolean {
  return end > start;
}
