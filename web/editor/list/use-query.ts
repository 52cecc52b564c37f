// What the list looks for. It stands in the address, so that it can be sent to somebody; what is typed gets there a moment later, as
// an address for each letter would be slow.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { type ListQuery, parseQuery } from './list-query.ts';

const ADDRESS_AFTER_MS = 400;

export function useQuery() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const inAddress = useMemo(() => parseQuery(search), [search]);
  const [typed, setTyped] = useState(inAddress.q ?? '');
  /** The words that the address has, or is about to have. */
  const known = useRef(typed);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const go = useCallback(
    (query: ListQuery, replace: boolean): void => {
      known.current = query.q ?? '';
      void navigate({ to: '.', search: query, replace });
    },
    [navigate],
  );
  // By a link or the way back; what was typed here gets there by itself, and letters may follow it meanwhile.
  const named = inAddress.q ?? '';
  useEffect(() => {
    if (named === known.current) return;
    known.current = named;
    clearTimeout(timer.current);
    setTyped(named);
  }, [named]);
  const latest = useRef(inAddress);
  latest.current = inAddress;

  const type = (q: string): void => {
    setTyped(q);
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => go(parseQuery({ ...latest.current, q: q.trim() }), true),
      ADDRESS_AFTER_MS,
    );
  };
  const setQuery = (query: ListQuery): void => {
    clearTimeout(timer.current);
    go(parseQuery({ ...query, q: typed.trim() }), false);
  };
  const clear = (): void => {
    setTyped('');
    clearTimeout(timer.current);
    go({}, false);
  };

  // Letters are drawn first, what they find after.
  const q = useDeferredValue(typed);
  const { group, enabled, only } = inAddress;
  const query = useMemo(() => parseQuery({ q, group, enabled, only }), [q, group, enabled, only]);
  return { query, typed, type, setQuery, clear };
}
