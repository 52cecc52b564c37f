// Which of many changes are shown when not all are: what goes first, then what changes. What is new is missed least.
type Change = { kind: 'added' | 'changed' | 'removed' };

const RANKS = ['removed', 'changed', 'added'] as const;

/** As they come when all are shown. */
export function mostTelling<Entry extends Change>(
  changes: readonly Entry[],
  limit: number,
): readonly Entry[] {
  if (changes.length <= limit) return changes;
  return RANKS.flatMap((rank) => changes.filter(({ kind }) => kind === rank)).slice(0, limit);
}
