// What stands in each field, found anew for all of them: where it is what it was, it stays the object that it was.
import { useMemo, useRef } from 'react';

type Groups<Name, Item> = ReadonlyMap<Name, readonly Item[]>;

export function useSteadyGroups<Name, Item>(groups: Groups<Name, Item>): Groups<Name, Item> {
  const last = useRef<Groups<Name, Item>>(new Map());
  return useMemo(() => {
    last.current = steadyGroups(last.current, groups);
    return last.current;
  }, [groups]);
}

/** Each group the array that it was before, unless something else is in it now; and the same map when none is another. */
export function steadyGroups<Name, Item>(
  before: Groups<Name, Item>,
  after: Groups<Name, Item>,
): Groups<Name, Item> {
  const groups = [...after].map(([name, items]): [Name, readonly Item[]] => {
    const known = before.get(name);
    return [name, known && JSON.stringify(known) === JSON.stringify(items) ? known : items];
  });
  const isSame = groups.length === before.size && groups.every(([name, items]) => before.get(name) === items);
  return isSame ? before : new Map(groups);
}
