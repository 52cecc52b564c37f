// One thing at a time for each team, in order of arrival; teams do not wait for each other.

export type TeamQueue = {
  run<T>(team: string, work: () => Promise<T>): Promise<T>;
  /** Something of it is under way, so that what comes next waits. */
  isBusy(team: string): boolean;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

export function createTeamQueue(): TeamQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run: (team, work) => {
      const before = tails.get(team) ?? Promise.resolve();
      const result = before.then(work);
      const tail = result
        .catch(() => undefined)
        .then(() => {
          if (tails.get(team) === tail) tails.delete(team);
        });
      tails.set(team, tail);
      return result;
    },
    isBusy: (team) => tails.has(team),
    idle: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}
