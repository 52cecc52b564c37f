// The loaded part of the audit log: always one stretch without gaps, newest first. Pure.
import type { AuditEntry } from '@hakiri/contracts/auth';
import type { AuditSearch } from './audit-search.ts';

/**
 * `newest` are the last entries of the log. What they do not reach down to would leave a gap, and is let go. What is known stays the
 * very same, the whole when nothing came, so that a look costs what it brings.
 */
export function withNewest(
  known: readonly AuditEntry[],
  newest: readonly AuditEntry[],
): readonly AuditEntry[] {
  const same = new Map(known.map((entry) => [entry.sequence, entry]));
  const kept = (entry: AuditEntry): AuditEntry => {
    const before = same.get(entry.sequence);
    return before?.hash === entry.hash ? before : entry;
  };
  const sorted = newest.map(kept).sort((a, b) => b.sequence - a.sequence);
  if (sorted.length <= known.length && sorted.every((entry, index) => entry === known[index])) return known;
  const lowest = sorted.at(-1)?.sequence;
  if (lowest === undefined) return known;
  const reaches = known[0] !== undefined && known[0].sequence >= lowest - 1;
  return [...sorted, ...(reaches ? known.filter(({ sequence }) => sequence < lowest) : [])];
}

/** Behind what is known. */
export function withOlder(known: readonly AuditEntry[], older: readonly AuditEntry[]): AuditEntry[] {
  const lowest = known.at(-1)?.sequence ?? Number.POSITIVE_INFINITY;
  const more = older.filter(({ sequence }) => sequence < lowest).sort((a, b) => b.sequence - a.sequence);
  return [...known, ...more];
}

/** What to ask for to have the `count` entries below what is known; undefined when the first is there. A team's sequence has no gaps. */
export function olderQuery(
  known: readonly AuditEntry[],
  count: number,
): { after: number; limit: number } | undefined {
  const lowest = known.at(-1)?.sequence ?? 1;
  if (lowest <= 1) return undefined;
  const after = Math.max(0, lowest - 1 - count);
  return { after, limit: lowest - 1 - after };
}

export function foundEntries(
  entries: readonly AuditEntry[],
  { find = '', outcome }: AuditSearch,
  nameOf: (user: string) => string,
): AuditEntry[] {
  const wanted = find.trim().toLowerCase();
  return entries.filter((entry) => {
    if (outcome && entry.outcome !== outcome) return false;
    if (wanted === '') return true;
    const { target, actor } = entry;
    const names = `${nameOf(actor.id)}\n${nameOf(target)}`;
    return names.toLowerCase().includes(wanted) || textOf(entry).includes(wanted);
  });
}

/** An entry never changes: it is read once, not for each letter of a search. */
const texts = new WeakMap<AuditEntry, string>();

function textOf(entry: AuditEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const { action, target, actor, service, detail } = entry;
  const text = [action, target, actor.id, service, JSON.stringify(detail)].join('\n').toLowerCase();
  texts.set(entry, text);
  return text;
}

/** A minor revision: what nobody runs goes live some seconds after somebody rests, and nobody pressed Apply. */
export function isByItself({
  action,
  target,
  outcome,
}: Pick<AuditEntry, 'action' | 'target' | 'outcome'>): boolean {
  return action === 'manifest.apply' && outcome === 'done' && /^v\d+\.\d+$/.test(target);
}
