// At most so many things at once; the others wait, first come first served.

export type Permits = {
  /** Whose `signal` is aborted while they wait is out of the queue: rejects with its reason. What began goes on. */
  run<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T>;
  /** How many wait. */
  waiting(): number;
};

export function createPermits(limit: number): Permits {
  const queue: (() => void)[] = [];
  let free = limit;

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(begin), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.push(begin);
    });

  return {
    run: async (work, signal) => {
      signal?.throwIfAborted();
      // A permit that comes free passes on as it is: nobody who comes later takes it from who waits.
      if (free > 0) free -= 1;
      else await turn(signal);
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next) next();
        else free += 1;
      }
    },
    waiting: () => queue.length,
  };
}
