// A conflict as people are told it: who, when, which values, and what to write to have the other value after all.
import { utf8 } from '@hakiri/base/bytes';
import { isRecord, type Json } from '@hakiri/base/json';
import {
  NOTICE_DRAFT_LIMIT_BYTES,
  NOTICE_VALUE_LIMIT_BYTES,
  type Notice,
  type NoticeChoice,
  type NoticeSide,
} from '@hakiri/contracts/notice';
import { type LoroDoc, LoroMap, type PeerID } from 'loro-crdt';
import type { DeletedEntities } from './conflicts-deleted.ts';
import { type Conflict, contentOf, type Entity } from './conflicts-found.ts';
import type { Places } from './operations-place.ts';
import { plain } from './plain.ts';
import { entityOf } from './schema.ts';

/** Undefined when nobody remembers. */
export type AuthorOf = (peer: PeerID, counter: number) => { user: string; atMs: number } | undefined;

type Context = { doc: LoroDoc; deleted: DeletedEntities; places: Places; authorOf: AuthorOf; nowMs: number };

export function toNotice(conflict: Conflict, context: Context): Notice {
  const { kind, entity, path, paths, won, lost } = conflict;
  const take = takeOf(conflict, context);
  const notice: Notice = {
    id: `${won.counter}@${won.peer}-${lost.counter}@${lost.peer}`,
    kind,
    at: new Date(context.nowMs).toISOString(),
    entity: entityOfNotice(entity, context),
    field: path.join('.'),
    won: sideOf(won, context),
    lost: sideOf(lost, context),
  };
  if (paths !== undefined) notice.fields = [...new Set(paths.map((one) => one.join('.')))].sort();
  if (take !== undefined) notice.take = take;
  return notice;
}

function entityOfNotice(entity: Entity, { doc, places }: Context): Notice['entity'] {
  const { root, key, top } = entity;
  const told: Notice['entity'] = { root, key };
  const container = top === undefined ? liveEntity(entity, doc) : doc.getContainerById(top);
  const pipeline = top === undefined ? undefined : places.ownerOf({ root, key, top, path: [] });
  if (pipeline !== undefined) told.pipeline = pipeline;
  const name = container instanceof LoroMap ? container.get(root === 'pipelines' ? 'id' : 'name') : undefined;
  if (typeof name === 'string' && name !== '') told.name = name.toWellFormed().slice(0, NAME_LIMIT);
  return told;
}

const NAME_LIMIT = 200;

function liveEntity({ root, key }: Entity, doc: LoroDoc): LoroMap | undefined {
  return root === 'groups' || root === 'meta' ? undefined : entityOf(doc.getMap(root), key);
}

function sideOf(
  operation: Conflict['won'] | Conflict['lost'],
  { doc, authorOf, nowMs }: Context,
): NoticeSide {
  const { peer, counter } = operation;
  const author = authorOf(peer, counter);
  const at = new Date(author?.atMs ?? nowMs).toISOString();
  const side: NoticeSide = { user: author?.user ?? '', at, peer, counter };
  const value = valueIn(operation, doc);
  return value === undefined ? side : { ...side, ...cutToLimit(plain(value)) };
}

/** Undefined of a deletion. */
function valueIn(operation: Conflict['won'] | Conflict['lost'], doc: LoroDoc): unknown {
  if ('isDeletion' in operation) return operation.isDeletion ? undefined : contentOf(operation.value, doc);
  if (!('container' in operation)) return undefined;
  const container = doc.getContainerById(operation.container);
  if (operation.field === undefined) return contentOf(`🦜:${operation.container}`, doc);
  if (!(container instanceof LoroMap)) return undefined;
  const value = container.get(operation.field);
  return isRecord(value) && typeof value.toJSON === 'function' ? value.toJSON() : value;
}

function cutToLimit(value: Json): Pick<NoticeSide, 'value' | 'cut'> {
  if (sizeOf(value) <= NOTICE_VALUE_LIMIT_BYTES) return { value };
  let text = typeof value === 'string' ? value : JSON.stringify(value);
  while (sizeOf(text) > NOTICE_VALUE_LIMIT_BYTES) text = text.slice(0, Math.floor(text.length * 0.75));
  return { value: text.toWellFormed(), cut: true };
}

function sizeOf(value: Json): number {
  return utf8(JSON.stringify(value)).length;
}

function takeOf({ kind, entity, path, lost }: Conflict, { doc, deleted }: Context): NoticeChoice | undefined {
  if (kind === 'both_deleted') return undefined;
  if (kind === 'edit_discarded') {
    return entity.top === undefined ? undefined : deleted.restoring(entity, entity.top);
  }
  // An entity that was put twice, which only clients of another shape do, is not to be written as a value.
  if (!('isDeletion' in lost) || (path.length === 0 && entity.root !== 'meta')) return undefined;
  const names = [entity.root, entity.key, ...path];
  // A group that one deleted and another moved: the deletion.
  if (entity.root === 'groups' && lost.isDeletion) names.pop();
  const key = names.pop() ?? '';
  if (lost.isDeletion) return { kind: 'set', path: names, key };
  const value = plain(contentOf(lost.value, doc));
  return sizeOf(value) > NOTICE_DRAFT_LIMIT_BYTES ? undefined : { kind: 'set', path: names, key, value };
}
