// What the list looks for. It stands in the address, so that it can be sent to somebody; what is typed gets there a moment later, as
// an address for each letter would be slow. Letters are drawn by the search field alone; what they find follows.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { startTransition, useEffect, useMemo, useRef, useState } from 'react';
import { afterPaint } from '../../live/after-paint.ts';
import { createStore } from '../../live/store.ts';
import { useStableCallback } from '../../parts/use-stable-callback.ts';
import { type ListQuery, parseQuery } from './list-query.ts';

const ADDRESS_AFTER_MS = 400;

/** What it gives to do is the same at every drawing, and so is `filters` until one of them changes. */
export function useQuery() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const inAddress = useMemo(() => parseQuery(search), [search]);
  const [typed] = useState(() => createStore(inAddress.q ?? ''));
  const [q, setWords] = useState(typed.get);
  /** The words that the address has, or is about to have. */
  const known = useRef(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** What the letters find is looked for when they are drawn. */
  const cancelLooking = useRef<() => void>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      cancelLooking.current?.();
    },
    [],
  );

  const show = (words: string): void => {
    typed.set(words);
    cancelLooking.current?.();
    cancelLooking.current = afterPaint(() => startTransition(() => setWords(words)));
  };
  const go = (query: ListQuery, replace: boolean): void => {
    clearTimeout(timer.current);
    known.current = query.q ?? '';
    void navigate({ to: '.', search: query, replace });
  };
  // By a link or the way back; what was typed here gets there by itself, and letters may follow it meanwhile.
  const named = inAddress.q ?? '';
  useEffect(() => {
    if (named === known.current) return;
    known.current = named;
    clearTimeout(timer.current);
    cancelLooking.current?.();
    typed.set(named);
    setWords(named);
  }, [named, typed]);

  const toAddress = useStableCallback((): void =>
    go(parseQuery({ ...inAddress, q: typed.get().trim() }), true),
  );
  const type = useStableCallback((words: string): void => {
    show(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(toAddress, ADDRESS_AFTER_MS);
  });
  const setFilters = useStableCallback((query: ListQuery): void =>
    go(parseQuery({ ...query, q: typed.get().trim() }), false),
  );
  const selectGroup = useStableCallback((path: string): void => {
    const { group: _, ...rest } = inAddress;
    setFilters(path === '' ? rest : { ...rest, group: path });
  });
  const clear = useStableCallback((): void => {
    cancelLooking.current?.();
    typed.set('');
    setWords('');
    go({}, false);
  });

  const { group, enabled, only } = inAddress;
  const filters = useMemo(() => parseQuery({ group, enabled, only }), [group, enabled, only]);
  const query = useMemo(() => parseQuery({ ...filters, q }), [q, filters]);
  return { query, filters, typed, type, setFilters, selectGroup, clear };
}
