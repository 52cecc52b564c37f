// The pipelines of a document as the page shows them. Reading from Loro costs some microseconds a field, so at first only what
// orders a list is read of each; what else a row shows when the row is shown, and of all others while nobody waits. After that
// only what a change touched is read again: nothing here depends on how many others there are.
import { isRecord } from '@hakiri/base/json';
import { readGroupPaths } from '@hakiri/config-doc/groups';
import { readPipeline } from '@hakiri/config-doc/read';
import {
  type Entity,
  entitiesOf,
  entityOf,
  OWNER_FIELD,
  pipelinesOf,
  transformsOf,
} from '@hakiri/config-doc/schema';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { createFollower } from './after-paint.ts';
import { onDocument } from './document-events.ts';
import { createIdIndex } from './id-index.ts';
import { whenIdle } from './idle.ts';
import { createSortedKeys } from './sorted-keys.ts';
import { createStore, createTopics, type Store } from './store.ts';
import { textOf } from './text-of.ts';
import { withUnchangedParts } from './unchanged-parts.ts';

/** What a pipeline is found and sorted by; fields may hold anything that somebody wrote into them, so all is text. */
export type PipelineHead = {
  key: string;
  id: string;
  name: string;
  /** Path of its group, '' at the top. */
  group: string;
  enabled: boolean;
  tags: readonly string[];
};

export type Pipelines = {
  /** Keys by group, then id. Told at most once a frame. */
  order: Store<readonly string[]>;
  /** The same object until it changes. */
  head(key: string): PipelineHead | undefined;
  /** The whole pipeline; the same object until it changes, and each field of it until that one does. */
  draft(key: string): PipelineDraft | undefined;
  /** Told after each change of this pipeline, at most once a frame. */
  subscribe(key: string, listener: () => void): () => void;
  /** Told which were changed, made or deleted, after `order` is right again. */
  onChanged(listener: (keys: readonly string[]) => void): () => void;
  /** Without reading the rest of it; undefined when it is gone. */
  idOf(key: string): string | undefined;
  /** Path of the group of one, without reading the rest of it; undefined when it is gone. */
  groupOf(key: string): string | undefined;
  /** Those with this id, in order. However many others there are, it costs the same. */
  keysOf(id: string): readonly string[];
  /** By the id that people use; of several with one id, the first in order. */
  keyOf(id: string): string | undefined;
  /** By what an issue names a pipeline by: its key, or its id. */
  keyNamed(name: string): string | undefined;
  close(): void;
};

type Place = { key: string; id: string; group: string; groupId: string };

export function watchPipelines(doc: LoroDoc): Pipelines {
  let groups = readGroupPaths(doc);
  const root = pipelinesOf(doc);
  const places = createSortedKeys(
    byGroupThenId,
    entitiesOf(root).map(([key, entity]) => placeOf(key, entity)),
  );
  const order = createStore(places.keys());
  const topics = createTopics();
  const listeners = new Set<(keys: readonly string[]) => void>();
  const heads = new Map<string, PipelineHead | undefined>();
  const drafts = new Map<string, PipelineDraft | undefined>();
  /** Of those that are not read again yet. */
  const draftsBefore = new Map<string, PipelineDraft>();
  const ids = createIdIndex(() => places.keys().flatMap((key) => places.get(key) ?? []));
  const stale = new Set<string>();
  let staleGroups = false;

  function readPlace(key: string): Place | undefined {
    const entity = entityOf(root, key);
    return entity && placeOf(key, entity);
  }

  function placeOf(key: string, entity: Entity): Place {
    const groupId = textOf(entity.get('group'));
    return { key, id: textOf(entity.get('id')), group: groups.get(groupId) ?? '', groupId };
  }

  function readHead(key: string): PipelineHead | undefined {
    const entity = entityOf(root, key);
    const place = places.get(key) ?? readPlace(key);
    if (!entity || !place) return undefined;
    const { id, group } = place;
    const name = textOf(entity.get('name'));
    return {
      key,
      id,
      name,
      group,
      enabled: entity.get('enabled') === true,
      tags: tagsOf(entity.get('tags')),
    };
  }

  function head(key: string): PipelineHead | undefined {
    if (!heads.has(key)) heads.set(key, readHead(key));
    return heads.get(key);
  }

  function refresh(): void {
    if (staleGroups) {
      staleGroups = false;
      groups = readGroupPaths(doc);
      for (const key of regroup()) stale.add(key);
    }
    const changed = [...stale];
    stale.clear();
    if (changed.length === 0) return;
    const next = changed.map((key): [string, Place | undefined] => [key, readPlace(key)]);
    for (const [key, place] of next) {
      ids.note(key, places.get(key)?.id, place?.id);
      forget(key);
    }
    places.putAll(next);
    order.set(places.keys());
    for (const listener of [...listeners]) listener(changed);
    for (const key of changed) topics.tell(key);
  }

  function forget(key: string): void {
    const draft = drafts.get(key);
    if (draft) draftsBefore.set(key, draft);
    drafts.delete(key);
    heads.delete(key);
  }

  function readDraft(key: string): PipelineDraft | undefined {
    const draft = readPipeline(doc, key, groups);
    const before = draftsBefore.get(key);
    draftsBefore.delete(key);
    return draft && withUnchangedParts(before, draft);
  }

  function keysOf(id: string): readonly string[] {
    const found = [...ids.keysOf(id)].flatMap((key) => places.get(key) ?? []);
    return found.sort((a, b) => byGroupThenId(a, b) || compareText(a.key, b.key)).map(({ key }) => key);
  }

  /** Keys of those whose group has another path, or none any more. */
  function regroup(): string[] {
    return places.keys().filter((key) => {
      const place = places.get(key);
      return place && place.group !== (groups.get(place.groupId) ?? '');
    });
  }

  const refreshing = createFollower(refresh);
  const unsubscribe = onDocument(doc, ({ events }) => {
    for (const { path, diff } of events) {
      const [root, key] = path;
      if (root === 'groups') staleGroups = true;
      else if (root === 'transforms') noteTransform(String(key ?? ''));
      else if (root !== 'pipelines') continue;
      else if (key !== undefined) stale.add(String(key));
      else if (diff.type === 'map') for (const changed of Object.keys(diff.updated)) stale.add(changed);
    }
    refreshing.ask();
  });

  /** A transform says whose it is. */
  function noteTransform(key: string): void {
    const owner = textOf(entityOf(transformsOf(doc), key)?.get(OWNER_FIELD));
    if (owner !== '') stale.add(owner);
  }

  // So that the first search finds everything read.
  const stopReading = whenIdle(places.keys(), (key) => void head(key));

  return {
    order,
    head,
    draft(key) {
      if (!drafts.has(key)) drafts.set(key, readDraft(key));
      return drafts.get(key);
    },
    subscribe: topics.subscribe,
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    idOf: (key) => places.get(key)?.id,
    groupOf: (key) => places.get(key)?.group,
    keysOf,
    keyOf: (id) => keysOf(id)[0],
    keyNamed: (name) => (places.get(name) ? name : keysOf(name)[0]),
    close() {
      unsubscribe();
      stopReading();
      refreshing.cancel();
    },
  };
}

/** A set is a map of what is in it to true. */
function tagsOf(tags: unknown): readonly string[] {
  const plain: unknown = isRecord(tags) && typeof tags.toJSON === 'function' ? tags.toJSON() : tags;
  return isRecord(plain) ? Object.keys(plain).filter((tag) => plain[tag] === true) : [];
}

function byGroupThenId(a: Place, b: Place): number {
  return compareText(a.group, b.group) || compareText(a.id, b.id);
}

/** By code unit: what depends on the reader's language would be slow, and different for everybody. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
