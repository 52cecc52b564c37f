// What a screen asks the API for when it is shown, or when what it asks for is another: loading, there, or failed with a way to ask again.
import { useCallback, useEffect, useState } from 'react';

export type Loaded<Value> =
  | { kind: 'loading' }
  | { kind: 'loaded'; value: Value; again(): void }
  | { kind: 'failed'; error: unknown; again(): void };

/**
 * `load` is to be the same function while it asks the same (useCallback). While it is asked again, what was there stays; undefined
 * asks for nothing.
 */
export function useLoaded<Value>(load: (() => Promise<Value>) | undefined): Loaded<Value> {
  const [outcome, setOutcome] = useState<{ of: typeof load; loaded: Loaded<Value> }>();
  const [attempt, setAttempt] = useState(0);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again
  useEffect(() => {
    let isOver = false;
    const tell = (loaded: Loaded<Value>): void => {
      if (!isOver) setOutcome({ of: load, loaded });
    };
    load?.().then(
      (value) => tell({ kind: 'loaded', value, again }),
      (error: unknown) => tell({ kind: 'failed', error, again }),
    );
    return () => {
      isOver = true;
    };
  }, [load, attempt, again]);
  return outcome !== undefined && outcome.of === load ? outcome.loaded : { kind: 'loading' };
}
