// One value merged three ways: what only one side changed is taken from that side, and inside records field by field. What both
// changed, and not to the same, is a conflict at its path. Pure.
import { isRecord, jsonEqual } from '@hakiri/base/json';
import { asJson } from './canonical.ts';
import { pointer } from './issue.ts';

/** A value that is not there is absent, too. */
export type ValueConflict = { path: string; base?: unknown; mine?: unknown; theirs?: unknown };
export type Sides = { base: unknown; mine: unknown; theirs: unknown };
export type Merged = { value: unknown; conflicts: ValueConflict[] };

/** In a conflict `value` is theirs. */
export function mergeValue({ base, mine, theirs }: Sides, path: string): Merged {
  if (isSame(mine, theirs) || isSame(mine, base)) return { value: theirs, conflicts: [] };
  if (isSame(theirs, base)) return { value: mine, conflicts: [] };
  // Two kinds of schedule share no field, whatever these are called.
  const isOneKind = isRecord(mine) && isRecord(theirs) && isSame(mine.kind, theirs.kind);
  if (!isOneKind) return { value: theirs, conflicts: [conflictAt(path, { base, mine, theirs })] };
  return mergeFields({ base: isRecord(base) ? base : {}, mine, theirs }, path, mergeValue);
}

type Records = Record<keyof Sides, Record<string, unknown>>;

export function mergeFields(
  { base, mine, theirs }: Records,
  path: string,
  merge: (sides: Sides, path: string, field: string) => Merged,
): Merged & { value: Record<string, unknown> } {
  const conflicts: ValueConflict[] = [];
  const entries: [string, unknown][] = [];
  for (const field of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const sides = {
      base: ownValue(base, field),
      mine: ownValue(mine, field),
      theirs: ownValue(theirs, field),
    };
    const merged = merge(sides, `${path}${pointer(field)}`, field);
    conflicts.push(...merged.conflicts);
    if (merged.value !== undefined) entries.push([field, merged.value]);
  }
  return { value: Object.fromEntries(entries), conflicts };
}

/** Of a set nothing conflicts: what one side added or took away is added or taken away. */
export function mergeTags(sides: Sides, path: string): Merged {
  const { base, mine, theirs } = sides;
  if (!isTexts(mine) || !isTexts(theirs)) return mergeValue(sides, path);
  const before = isTexts(base) ? base : [];
  const kept = theirs.filter((tag) => mine.includes(tag) || !before.includes(tag));
  const added = mine.filter((tag) => !before.includes(tag) && !theirs.includes(tag));
  return { value: [...kept, ...added], conflicts: [] };
}

/** By key: each is merged by its fields, and the order is a value of its own. */
export function mergeTransforms(sides: Sides, path: string): Merged {
  const [base, mine, theirs] = [byKey(sides.base), byKey(sides.mine), byKey(sides.theirs)];
  if (mine === undefined || theirs === undefined) return mergeValue(sides, path);
  const before = base ?? new Map<string, Record<string, unknown>>();
  const conflicts: ValueConflict[] = [];
  const merged = new Map<string, unknown>();
  for (const key of new Set([...theirs.keys(), ...mine.keys()])) {
    const at = `${path}${pointer(key)}`;
    const one = { base: before.get(key), mine: mine.get(key), theirs: theirs.get(key) };
    const result =
      one.mine && one.theirs
        ? mergeFields({ base: one.base ?? {}, mine: one.mine, theirs: one.theirs }, at, mergeValue)
        : mergeValue(one, at);
    conflicts.push(...result.conflicts);
    if (result.value !== undefined) merged.set(key, result.value);
  }
  const orders = { base: [...before.keys()], mine: [...mine.keys()], theirs: [...theirs.keys()] };
  const order = mergeOrder(orders, path);
  return {
    value: order.keys.flatMap((key) => (merged.has(key) ? [merged.get(key)] : [])),
    conflicts: [...order.conflicts, ...conflicts],
  };
}

/** Only among those that all have; what one side alone has stands behind what it stood behind there. */
function mergeOrder(
  { base, mine, theirs }: Record<keyof Sides, string[]>,
  path: string,
): { keys: string[]; conflicts: ValueConflict[] } {
  const shared = (keys: string[]): string[] =>
    keys.filter((key) => mine.includes(key) && theirs.includes(key));
  const known = shared(mine).filter((key) => base.includes(key));
  const among = (keys: string[]): string[] => keys.filter((key) => known.includes(key));
  const orders = { base: among(base), mine: among(mine), theirs: among(theirs) };
  const { value, conflicts } = mergeValue(orders, path);
  const [first, second] =
    value === orders.mine && !isSame(orders.mine, orders.theirs) ? [mine, theirs] : [theirs, mine];
  const keys = [...first];
  for (const [index, key] of second.entries()) {
    if (keys.includes(key)) continue;
    const above = second.slice(0, index);
    keys.splice(keys.findLastIndex((one) => above.includes(one)) + 1, 0, key);
  }
  return { keys, conflicts };
}

export function conflictAt(path: string, { base, mine, theirs }: Sides): ValueConflict {
  return {
    path,
    ...(base === undefined ? {} : { base }),
    ...(mine === undefined ? {} : { mine }),
    ...(theirs === undefined ? {} : { theirs }),
  };
}

export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return jsonEqual(asJson(a), asJson(b));
}

function ownValue(record: Record<string, unknown>, field: string): unknown {
  return Object.hasOwn(record, field) ? record[field] : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Undefined when it is no list of steps with a key each. */
function byKey(value: unknown): Map<string, Record<string, unknown>> | undefined {
  if (!Array.isArray(value)) return undefined;
  const steps = new Map<string, Record<string, unknown>>();
  for (const step of value) {
    if (!isRecord(step) || typeof step.key !== 'string') return undefined;
    steps.set(step.key, step);
  }
  return steps.size === value.length ? steps : undefined;
}
