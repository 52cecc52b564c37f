// What the world and the model say, in one form, and how a difference is told.
import { type Fields, isEqual } from './fields.ts';

export function hasDoubles(entries: Iterable<Fields>): boolean {
  const names = [...entries].map(({ name }) => name);
  return new Set(names).size < names.length;
}

/** As both sides say it, whatever the order. */
export function told(changes: readonly { key: string }[]): unknown {
  const plain: { key: string; moved?: boolean; fields?: { path: string }[] }[] = JSON.parse(
    JSON.stringify(changes),
  );
  for (const change of plain) {
    change.fields?.sort((a, b) => (a.path < b.path ? -1 : 1));
    delete change.moved;
  }
  return plain.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function byKey(entries: Iterable<{ key?: unknown }>): unknown {
  return [...entries].sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
}

export function same(what: string, found: unknown, wanted: unknown): void {
  if (!isEqual(found, wanted))
    throw new Error(
      `${what}:\n${JSON.stringify(found, null, 1)}\nand not\n${JSON.stringify(wanted, null, 1)}`,
    );
}
