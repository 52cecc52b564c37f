// Which pipelines have an id, found without looking at all of them. Made when it is first asked, as a first screen asks nobody, and
// from then on kept by what changed.

export type IdIndex = {
  /** In no order. */
  keysOf(id: string): Iterable<string>;
  /** `after` undefined: it is gone. */
  note(key: string, before: string | undefined, after: string | undefined): void;
};

export function createIdIndex(all: () => Iterable<{ key: string; id: string }>): IdIndex {
  let byId: Map<string, Set<string>> | undefined;
  const add = (to: Map<string, Set<string>>, key: string, id: string): void => {
    to.set(id, (to.get(id) ?? new Set()).add(key));
  };
  function made(): Map<string, Set<string>> {
    const first = new Map<string, Set<string>>();
    for (const { key, id } of all()) add(first, key, id);
    return first;
  }
  return {
    keysOf(id) {
      byId ??= made();
      return byId.get(id) ?? [];
    },
    note(key, before, after) {
      if (byId === undefined || before === after) return;
      const keys = before === undefined ? undefined : byId.get(before);
      keys?.delete(key);
      if (before !== undefined && keys?.size === 0) byId.delete(before);
      if (after !== undefined) add(byId, key, after);
    },
  };
}
