// What the list looks for: words, a group and filters, all in the address. Letters are drawn by the search field alone; what they
// find follows.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { startTransition, useEffect, useMemo, useState } from 'react';
import { afterPaint } from '../../live/after-paint.ts';
import { useAddressText } from '../../parts/use-address-text.ts';
import { useStableCallback } from '../../parts/use-stable-callback.ts';
import { type ListQuery, parseQuery } from './list-query.ts';

/** What it gives to do is the same at every drawing, and so is `filters` until one of them changes. */
export function useQuery() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const inAddress = useMemo(() => parseQuery(search), [search]);
  const { typed, type, sent } = useAddressText(inAddress.q ?? '', (words) =>
    go(parseQuery({ ...inAddress, q: words }), true),
  );
  const [q, setWords] = useState(typed.get);
  // What the letters find is looked for when they are drawn.
  useEffect(() => {
    let cancel: (() => void) | undefined;
    const stop = typed.subscribe(() => {
      cancel?.();
      cancel = afterPaint(() => startTransition(() => setWords(typed.get())));
    });
    return () => {
      stop();
      cancel?.();
    };
  }, [typed]);
  const go = (query: ListQuery, replace: boolean): void => {
    sent(query.q ?? '');
    void navigate({ to: '.', search: query, replace });
  };
  const setFilters = useStableCallback((query: ListQuery): void =>
    go(parseQuery({ ...query, q: typed.get().trim() }), false),
  );
  const selectGroup = useStableCallback((path: string): void => {
    const { group: _, ...rest } = inAddress;
    setFilters(path === '' ? rest : { ...rest, group: path });
  });
  const clear = useStableCallback((): void => {
    typed.set('');
    go({}, false);
  });

  const { group, enabled, only } = inAddress;
  const filters = useMemo(() => parseQuery({ group, enabled, only }), [group, enabled, only]);
  const query = useMemo(() => parseQuery({ ...filters, q }), [q, filters]);
  return { query, filters, typed, type, setFilters, selectGroup, clear };
}
