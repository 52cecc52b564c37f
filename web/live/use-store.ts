// A store's value in a component, drawn again when it changes.
import { useCallback, useSyncExternalStore } from 'react';
import type { Store } from './store.ts';

export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** What `read` gives, read again after news of `topic`. It must give the same object while nothing changed. */
export function useTopic<Value>(
  subscribe: (topic: string, listener: () => void) => () => void,
  topic: string,
  read: (topic: string) => Value,
): Value {
  const listen = useCallback((listener: () => void) => subscribe(topic, listener), [subscribe, topic]);
  return useSyncExternalStore(listen, () => read(topic));
}
