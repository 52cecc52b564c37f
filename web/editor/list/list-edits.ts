// What is done to many pipelines at once, each as one commit, with a way back that leaves alone what somebody changed meanwhile.
import { commitEdit, deletePipeline, moveToGroup, setEnabled } from '@hakiri/config-doc/edit';
import { cleanGroupPath } from '@hakiri/config-doc/group-path';
import { readPipelines } from '@hakiri/config-doc/read';
import { putPipeline } from '@hakiri/config-doc/reconcile';
import { entityOf, pipelinesOf } from '@hakiri/config-doc/schema';
import type { LoroDoc } from 'loro-crdt';

/** As one's own edits in this page are told from others'. */
export const ORIGIN = 'page';

/** `keys` are those that it changed. */
export type Done = { keys: readonly string[]; undo(): void };

export function enableAll(doc: LoroDoc, keys: readonly string[], enabled: boolean): Done {
  const isEnabled = (key: string): boolean => entityOf(pipelinesOf(doc), key)?.get('enabled') === true;
  const changed = keys.filter((key) => isEnabled(key) !== enabled);
  const set = (of: readonly string[], to: boolean): void =>
    commitEdit(doc, ORIGIN, () => {
      for (const key of of) setEnabled(doc, key, to);
    });
  set(changed, enabled);
  return {
    keys: changed,
    undo: () =>
      set(
        changed.filter((key) => isEnabled(key) === enabled),
        !enabled,
      ),
  };
}

/** Into the group at `path`, which is made when there is none; '' is the top. */
export function moveAll(doc: LoroDoc, keys: readonly string[], path: string): Done {
  const target = cleanGroupPath(path);
  const before = groupsOf(doc, keys);
  const moved = keys.filter((key) => before.has(key) && before.get(key) !== target);
  commitEdit(doc, ORIGIN, () => {
    for (const key of moved) moveToGroup(doc, key, target);
  });
  return {
    keys: moved,
    undo() {
      const now = groupsOf(doc, moved);
      commitEdit(doc, ORIGIN, () => {
        for (const key of moved) if (now.get(key) === target) moveToGroup(doc, key, before.get(key) ?? '');
      });
    },
  };
}

/** The way back makes each anew under its own key, unless somebody has by then. */
export function deleteAll(doc: LoroDoc, keys: readonly string[]): Done {
  const drafts = readPipelines(doc, keys);
  commitEdit(doc, ORIGIN, () => {
    for (const { key } of drafts) deletePipeline(doc, key);
  });
  return {
    keys: drafts.map(({ key }) => key),
    undo: () =>
      commitEdit(doc, ORIGIN, () => {
        for (const draft of drafts)
          if (entityOf(pipelinesOf(doc), draft.key) === undefined) putPipeline(doc, draft);
      }),
  };
}

function groupsOf(doc: LoroDoc, keys: readonly string[]): Map<string, string> {
  return new Map(
    readPipelines(doc, keys).map(({ key, group }) => [key, typeof group === 'string' ? group : '']),
  );
}
