// A value that changes with every letter, as it was when the letters last rested.
import { startTransition, useEffect, useRef, useState } from 'react';

const REST_MS = 150;
/** Where nobody rests it follows all the same, this often. */
const PATIENCE_MS = 600;

export function useSettled<Value>(value: Value): Value {
  const [settled, settle] = useState(value);
  const since = useRef<number>(undefined);
  useEffect(() => {
    if (Object.is(value, settled)) {
      since.current = undefined;
      return;
    }
    since.current ??= performance.now();
    const left = since.current + PATIENCE_MS - performance.now();
    const timer = setTimeout(
      () => startTransition(() => settle(value)),
      Math.max(0, Math.min(REST_MS, left)),
    );
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}
