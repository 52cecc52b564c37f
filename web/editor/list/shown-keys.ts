// The keys that a list shows: those of the document, in order, that are what somebody looks for. A change of one pipeline asks about
// that one alone.
import { compareText } from '@hakiri/manifest/canonical';
import type { Pipelines } from '../../live/pipelines.ts';
import type { Store } from '../../live/store.ts';
import type { Unapplied } from '../../live/unapplied.ts';
import { isEmptyQuery, type ListQuery, matcherOf } from './list-query.ts';

export type SortBy = 'group' | 'id';

type Sources = {
  pipelines: Pick<Pipelines, 'order' | 'head' | 'idOf' | 'onChanged'>;
  unapplied: Pick<Unapplied, 'marks' | 'mark'>;
};

export function watchShown(
  { pipelines, unapplied }: Sources,
  query: ListQuery,
  sortBy: SortBy,
): Store<readonly string[]> {
  const isAll = isEmptyQuery(query);
  const matches = matcherOf(query);
  const found = new Set<string>();
  let shown: readonly string[] = [];
  let order: readonly string[] | undefined;
  let marks: unknown;

  const isFound = (key: string): boolean => {
    const head = pipelines.head(key);
    return head !== undefined && matches(head, query.only === undefined ? undefined : unapplied.mark(key));
  };

  function list(): void {
    order = pipelines.order.get();
    const keys = isAll ? order : order.filter((key) => found.has(key));
    shown = sortBy === 'id' ? byId(keys) : keys;
  }

  function byId(keys: readonly string[]): string[] {
    const ids = new Map(keys.map((key) => [key, pipelines.idOf(key) ?? '']));
    return keys.toSorted((a, b) => compareText(ids.get(a) ?? '', ids.get(b) ?? '') || compareText(a, b));
  }

  function findAll(): void {
    found.clear();
    marks = unapplied.marks.get();
    if (!isAll) for (const key of pipelines.order.get()) if (isFound(key)) found.add(key);
    list();
  }

  findAll();
  return {
    get: () => shown,
    subscribe(listener) {
      const changed = (keys: readonly string[]): void => {
        let isOther = order !== pipelines.order.get();
        for (const key of isAll ? [] : keys) {
          if (found.has(key) === isFound(key)) continue;
          if (!found.delete(key)) found.add(key);
          isOther = true;
        }
        if (!isOther) return;
        list();
        listener();
      };
      const marked = (): void => {
        if (query.only === undefined) return;
        findAll();
        listener();
      };
      const stop = [pipelines.onChanged(changed), unapplied.marks.subscribe(marked)];
      // What happened between the first look and now.
      if (order !== pipelines.order.get() || (query.only !== undefined && marks !== unapplied.marks.get())) {
        findAll();
        listener();
      }
      return () => {
        for (const each of stop) each();
      };
    },
  };
}
