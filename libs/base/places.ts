// Counts what each holder has open at once, so that no one of them takes all the room there is.

export type Places = {
  /** Takes a place; what it returns gives it back, once however often it is called. Undefined when the holder has `limit`. */
  take(holder: string): (() => void) | undefined;
};

export function createPlaces(limit: number): Places {
  const taken = new Map<string, number>();
  return {
    take(holder) {
      const count = taken.get(holder) ?? 0;
      if (count >= limit) return undefined;
      taken.set(holder, count + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (taken.get(holder) ?? 0) - 1;
        if (left > 0) taken.set(holder, left);
        else taken.delete(holder);
      };
    },
  };
}
