// The name that somebody may have meant: the nearest by edit distance, within bounds, so that a suggestion never costs more than
// the check that wants one.
import type { ConfigIssue } from '@hakiri/contracts/config';
import { compareText } from './canonical.ts';

/** A longer name, or one of more candidates, gets no suggestion. */
const NAME_LIMIT_CHARS = 100;
const CANDIDATES_LIMIT = 20_000;

/** At most a third of it is mistaken; upper and lower case are the same. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  if (written === '' || written.length > NAME_LIMIT_CHARS) return undefined;
  const lower = written.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  let seen = 0;
  for (const candidate of candidates) {
    if (++seen > CANDIDATES_LIMIT) break;
    if (
      candidate === '' ||
      candidate === written ||
      Math.abs(candidate.length - written.length) > bestDistance
    )
      continue;
    const distance = distanceWithin(lower, candidate.toLowerCase(), bestDistance);
    const isNearer =
      distance < bestDistance ||
      (distance === bestDistance && best !== undefined && compareText(candidate, best) < 0);
    if (!isNearer) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** The issue, with what may have been meant by `written` when there is such a name. */
export function suggesting(issue: ConfigIssue, written: unknown, candidates: Iterable<string>): ConfigIssue {
  const value = typeof written === 'string' ? nearest(written, candidates) : undefined;
  if (value === undefined) return issue;
  return { ...issue, message: `${issue.message} Perhaps \`${value}\` is meant.`, suggestion: { value } };
}

/** Insertions, deletions, replacements, and swaps of two neighbours; more than `limit` counts as infinitely many. */
function distanceWithin(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) distance = Math.min(distance, (before[column - 2] ?? 0) + 1);
      current.push(distance);
      least = Math.min(least, distance);
    }
    if (least > limit) return Number.POSITIVE_INFINITY;
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? Number.POSITIVE_INFINITY;
}
