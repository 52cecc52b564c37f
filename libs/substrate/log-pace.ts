// How far apart the writes of a log leave while much is written: each costs a flush and the waking of whoever does it, and
// only acknowledgements wait for it.

/** What a write may wait for company, when much is written: measured, see the README. */
const PACE_MS = 16;
/** For each entry of the last write. */
const ALONE_MS = 2;

/** From a write of so many entries to the next. */
export function paceAfter(entries: number, paceMs: number = PACE_MS): number {
  return Math.min(paceMs, entries * ALONE_MS);
}
