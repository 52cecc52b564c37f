// What is chosen in the list, without what is not shown any more.
import { useCallback, useState } from 'react';
import { NOTHING, retain, type Selection } from './list/selection.ts';

export function useSelection(shown: readonly string[]) {
  const [selection, setSelection] = useState(NOTHING);
  const [seen, setSeen] = useState(shown);
  if (seen !== shown) {
    setSeen(shown);
    const there = selection.chosen.size > 0 ? new Set(shown) : undefined;
    setSelection(retain(selection, seen, shown, (key) => there?.has(key) ?? shown.includes(key)));
  }
  const change = useCallback((step: (selection: Selection) => Selection): void => setSelection(step), []);
  return { selection, change };
}
