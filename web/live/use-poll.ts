// A poll that runs while the component is shown, and begins anew when what is asked for is another thing.
import { useEffect, useMemo, useRef } from 'react';
import { createPoll, type Poll, type Polled } from './poll.ts';
import { useStore } from './use-store.ts';

/** `key` names what is asked for. `read` and `everyMs` may close over whatever it stands for. */
export function usePoll<Value>(
  key: string,
  read: () => Promise<Value>,
  everyMs: (value: Value | undefined) => number,
): Polled<Value> & Pick<Poll<Value>, 'refresh'> {
  const latest = useRef({ read, everyMs });
  latest.current = { read, everyMs };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another poll
  const poll = useMemo(
    () =>
      createPoll<Value>({
        read: () => latest.current.read(),
        everyMs: (value) => latest.current.everyMs(value),
      }),
    [key],
  );
  useEffect(() => poll.start(), [poll]);
  return { ...useStore(poll), refresh: poll.refresh };
}
