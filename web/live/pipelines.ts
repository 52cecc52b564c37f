// The pipelines of a document as the page shows them: what a list needs of each is read once and then of those that a change
// touched; all of a pipeline is read when somebody looks at it. Nothing here depends on how many others there are.
import { readGroupPaths } from '@hakiri/config-doc/groups';
import { pipelineKeys, readPipeline } from '@hakiri/config-doc/read';
import { entityOf, OWNER_FIELD, pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { LoroDoc } from 'loro-crdt';
import { createSortedKeys } from './sorted-keys.ts';
import { createStore, createTopics, type Store } from './store.ts';
import { textOf } from './text-of.ts';

/** What a pipeline is found and sorted by; fields may hold anything that somebody wrote into them, so all is text. */
export type PipelineHead = {
  key: string;
  id: string;
  name: string;
  /** Path of its group, '' at the top. */
  group: string;
  enabled: boolean;
};

export type Pipelines = {
  /** Keys by group, then id. Told at most once a frame. */
  order: Store<readonly string[]>;
  head(key: string): PipelineHead | undefined;
  /** The whole pipeline; the same object until it changes. */
  draft(key: string): PipelineDraft | undefined;
  /** Told after each change of this pipeline, at most once a frame. */
  subscribe(key: string, listener: () => void): () => void;
  /** By the id that people use; of several with one id, the first in order. */
  keyOf(id: string): string | undefined;
  close(): void;
};

export function watchPipelines(doc: LoroDoc): Pipelines {
  let groups = readGroupPaths(doc);
  const heads = createSortedKeys(
    byGroupThenId,
    pipelineKeys(doc).flatMap((key) => readHead(key) ?? []),
  );
  const order = createStore(heads.keys());
  const topics = createTopics();
  const drafts = new Map<string, PipelineDraft | undefined>();
  const stale = new Set<string>();
  let staleGroups = false;
  let frame: number | undefined;

  function readHead(key: string): PipelineHead | undefined {
    const entity = entityOf(pipelinesOf(doc), key);
    if (!entity) return undefined;
    return {
      key,
      id: textOf(entity.get('id')),
      name: textOf(entity.get('name')),
      group: groups.get(textOf(entity.get('group'))) ?? '',
      enabled: entity.get('enabled') === true,
    };
  }

  function refresh(): void {
    frame = undefined;
    if (staleGroups) {
      groups = readGroupPaths(doc);
      for (const key of heads.keys()) stale.add(key);
      staleGroups = false;
    }
    const changed = [...stale];
    stale.clear();
    for (const key of changed) {
      heads.put(key, readHead(key));
      drafts.delete(key);
    }
    order.set(heads.keys());
    for (const key of changed) topics.tell(key);
  }

  const unsubscribe = doc.subscribe(({ events }) => {
    for (const { path, diff } of events) {
      const [root, key] = path;
      if (root === 'groups') staleGroups = true;
      else if (root === 'transforms') noteTransform(String(key ?? ''));
      else if (root !== 'pipelines') continue;
      else if (key !== undefined) stale.add(String(key));
      else if (diff.type === 'map') for (const changed of Object.keys(diff.updated)) stale.add(changed);
    }
    frame ??= requestAnimationFrame(refresh);
  });

  /** A transform says whose it is. */
  function noteTransform(key: string): void {
    const owner = textOf(entityOf(transformsOf(doc), key)?.get(OWNER_FIELD));
    if (owner !== '') stale.add(owner);
  }

  return {
    order,
    head: (key) => heads.get(key),
    draft(key) {
      if (!drafts.has(key)) drafts.set(key, readPipeline(doc, key, groups));
      return drafts.get(key);
    },
    subscribe: topics.subscribe,
    keyOf: (id) => heads.keys().find((key) => heads.get(key)?.id === id),
    close() {
      unsubscribe();
      if (frame !== undefined) cancelAnimationFrame(frame);
    },
  };
}

function byGroupThenId(a: PipelineHead, b: PipelineHead): number {
  return compareText(a.group, b.group) || compareText(a.id, b.id);
}

/** By code unit: what depends on the reader's language would be slow, and different for everybody. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
