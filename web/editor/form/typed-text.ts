// Texts that several people type into: where a caret belongs after somebody else's change, and what one's own change is when the
// text has moved on since it was shown.

/** Where a caret at `at` in `before` belongs in `after`: what changed is between their common beginning and end. */
export function movedCaret(before: string, after: string, at: number): number {
  const { start, end } = changed(before, after);
  if (at <= start) return at;
  return at >= before.length - end ? at + after.length - before.length : Math.min(at, after.length - end);
}

/** `typed` was made of `shown`, while the text became `current`: the same change, made there. */
export function typedInto(current: string, shown: string, typed: string): string {
  if (current === shown) return typed;
  const { start, end } = changed(shown, typed);
  const from = movedCaret(shown, current, start);
  const to = Math.max(from, movedCaret(shown, current, shown.length - end));
  return current.slice(0, from) + typed.slice(start, typed.length - end) + current.slice(to);
}

/** How long the common beginning and the common end of two texts are. */
export function changed(before: string, after: string): { start: number; end: number } {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < limit - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { start, end };
}
