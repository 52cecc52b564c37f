// The same function at every drawing, which does what the last one would: what it is given to need not be drawn again for it.
import { useCallback, useLayoutEffect, useRef } from 'react';

/** For what people do, not for what is drawn: it sees what the last drawing saw. */
export function useStableCallback<Args extends readonly unknown[], Result>(
  act: (...args: Args) => Result,
): (...args: Args) => Result {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((...args) => latest.current(...args), []);
}
