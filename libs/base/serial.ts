// One piece of work after the other, in the order in which they were asked for. One that fails does not stop the next.

export type Serial = {
  /** Begins when everything asked for before has settled; settles as `work` does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way and nothing waits. */
  idle(): Promise<void>;
};

export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const result = tail.then(work);
      tail = result.catch(() => undefined);
      return result;
    },
    idle: async () => {
      let seen: Promise<unknown>;
      do {
        seen = tail;
        await seen;
      } while (seen !== tail);
    },
  };
}
