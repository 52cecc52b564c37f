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
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const go = useCallback(
    (query: ListQuery, replace: boolean): void => void navigate({ to: '.', search: query, replace }),
    [navigate],
  );
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
