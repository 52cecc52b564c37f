// What the list does to pipelines, with the news of it and the way back.
import { useMemo } from 'react';
import { announce } from '../../parts/announce.ts';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { type Done, deleteAll, enableAll, moveAll } from './list-edits.ts';

const text = strings.list.bulk;

export type ListActions = {
  enable(keys: readonly string[], enabled: boolean): void;
  /** Off when all of them are on, on otherwise. */
  toggle(keys: readonly string[]): void;
  move(keys: readonly string[], path: string): void;
  remove(keys: readonly string[]): void;
};

export function useActions(): ListActions {
  const { connection, pipelines } = useWorkspace();
  return useMemo(() => {
    const { doc } = connection;
    const tell = ({ keys, undo }: Done, what: (count: number) => string, isWayBack = false): void => {
      if (keys.length === 0) announce(text.same);
      else announce(what(keys.length), { label: text.undo, run: undo, isWayBack });
    };
    const enable: ListActions['enable'] = (keys, enabled) =>
      tell(enableAll(doc, keys, enabled), enabled ? text.enabled : text.disabled);
    return {
      enable,
      toggle: (keys) => enable(keys, !keys.every((key) => pipelines.head(key)?.enabled)),
      move: (keys, path) => tell(moveAll(doc, keys, path), (count) => text.moved(count, path)),
      remove: (keys) => tell(deleteAll(doc, keys), text.deleted, true),
    };
  }, [connection, pipelines]);
}
