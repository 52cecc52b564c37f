// Which rows are chosen and where the cursor stands, as pure steps: what a key or a click makes of it.

export type Selection = {
  chosen: ReadonlySet<string>;
  /** The row that keys act on. */
  cursor: string | undefined;
  /** Where a range begins. */
  anchor: string | undefined;
};

export const NOTHING: Selection = { chosen: new Set(), cursor: undefined, anchor: undefined };

/** By so many rows, not past the ends; with `extend` everything from the anchor to there is chosen. */
export function moveBy(
  { chosen, cursor, anchor }: Selection,
  keys: readonly string[],
  by: number,
  extend = false,
): Selection {
  const at = cursor === undefined ? -1 : keys.indexOf(cursor);
  const first = by > 0 ? 0 : keys.length - 1;
  const next = keys[at < 0 ? first : Math.min(keys.length - 1, Math.max(0, at + by))];
  if (next === undefined) return { chosen, cursor, anchor };
  if (!extend) return { chosen, cursor: next, anchor: next };
  const from = anchor ?? cursor ?? next;
  return { chosen: range(keys, from, next), cursor: next, anchor: from };
}

/** A click with Ctrl, a press of the space bar, a tick of the box. */
export function toggle({ chosen }: Selection, key: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(key)) next.add(key);
  return { chosen: next, cursor: key, anchor: key };
}

/** A click with Shift: from the last one to this one, besides what was chosen. */
export function extendTo(
  { chosen, cursor, anchor }: Selection,
  keys: readonly string[],
  key: string,
): Selection {
  const from = anchor ?? cursor ?? key;
  return { chosen: new Set([...chosen, ...range(keys, from, key)]), cursor: key, anchor: from };
}

/** All that is shown, or, when all of it is chosen, nothing. */
export function toggleAll({ chosen, cursor, anchor }: Selection, keys: readonly string[]): Selection {
  const isAll = keys.length > 0 && keys.every((key) => chosen.has(key));
  return { chosen: isAll ? new Set() : new Set(keys), cursor, anchor };
}

/** Without those that are gone; the cursor goes to whatever stands where it stood. */
export function retain(
  selection: Selection,
  before: readonly string[],
  after: readonly string[],
  isThere: (key: string) => boolean,
): Selection {
  const { chosen, cursor, anchor } = selection;
  const isSame = [...chosen].every(isThere);
  const isKept = cursor === undefined || after.includes(cursor);
  if (isSame && isKept) return selection;
  const next = isKept ? cursor : after[Math.min(before.indexOf(cursor), after.length - 1)];
  return {
    chosen: isSame ? chosen : new Set([...chosen].filter(isThere)),
    cursor: next,
    anchor: anchor !== undefined && isThere(anchor) ? anchor : next,
  };
}

/** In either direction; one that is not shown counts as the other end. */
function range(keys: readonly string[], from: string, to: string): Set<string> {
  const end = keys.indexOf(to);
  const begin = keys.includes(from) ? keys.indexOf(from) : end;
  return new Set(keys.slice(Math.min(begin, end), Math.max(begin, end) + 1));
}
