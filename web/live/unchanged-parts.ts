// A pipeline is read as a whole after each change of it. What the change left alone stays the object that it was, so that who shows
// a part of it sees at once that there is nothing to draw.
import { isRecord } from '@hakiri/base/json';
import type { PipelineDraft } from '@hakiri/contracts/config';

export function withUnchangedParts(before: PipelineDraft | undefined, after: PipelineDraft): PipelineDraft {
  if (!before) return after;
  const now: Readonly<Record<string, unknown>> = after;
  const same = Object.entries(before).filter(([name, value]) => isAlike(value, now[name]));
  return { ...after, ...Object.fromEntries(same) };
}

/** Plain values; who wrote the same names in another order wrote the same. */
function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isAlike(item, b[index]))
    );
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && isAlike(a[name], b[name]));
}
