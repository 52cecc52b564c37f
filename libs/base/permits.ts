// At most so many things at once; the others wait, first come first served.

export type Permits = {
  run<T>(work: () => T | Promise<T>): Promise<T>;
  /** How many wait. */
  waiting(): number;
};

export function createPermits(limit: number): Permits {
  const queue: (() => void)[] = [];
  let free = limit;
  return {
    run: async (work) => {
      // A permit that comes free passes on as it is: nobody who comes later takes it from who waits.
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
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
