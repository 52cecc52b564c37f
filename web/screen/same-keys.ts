// Which commands cannot be told apart by their keys: of two with the same ones only the last registered runs, and nobody hears of the
// other.

/** A sentence for each pair. A command under the same id in another part of the screen is the same command. */
export function sameKeys(list: readonly { id: string; keys?: string }[]): string[] {
  const first = new Map<string, string>();
  const found: string[] = [];
  for (const { id, keys } of list) {
    if (keys === undefined) continue;
    const other = first.get(keys);
    if (other === undefined) first.set(keys, id);
    else if (other !== id) found.push(`${other} and ${id} have the same keys: ${keys}`);
  }
  return found;
}
