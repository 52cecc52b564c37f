// A value that changes, and who wants to know: what everything that the page shows is read from, outside of React.

export type Store<Value> = {
  get(): Value;
  /** Called after each change. Returns how to stop it. */
  subscribe(listener: () => void): () => void;
};

export type WritableStore<Value> = Store<Value> & { set(value: Value): void };

export function createStore<Value>(initial: Value): WritableStore<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Listeners by key, so that a change of one thing is no news for who shows another. */
export function createTopics() {
  const topics = new Map<string, Set<() => void>>();
  return {
    subscribe(topic: string, listener: () => void): () => void {
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
    tell(topic: string): void {
      for (const listener of [...(topics.get(topic) ?? [])]) listener();
    },
  };
}
