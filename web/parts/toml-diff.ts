// Two published manifests as text, where they differ: entry by entry, found by key, so that ten thousand equal ones cost a look each.
import { splitManifest } from '@hakiri/manifest/blocks';
import { type DiffLine, lineDiff } from './diff-values.ts';

export type EntryDiff = { key: string; name: string; lines: DiffLine[] };
/** `more`: how many entries differ besides. */
export type TomlDiff = { entries: EntryDiff[]; more: number };

/** More are not read by anybody: the whole is there to download. */
export const ENTRIES_LIMIT = 100;

export function tomlDiff(before: string, after: string): TomlDiff {
  const from = blocksByKey(before);
  const to = blocksByKey(after);
  const keys = [...new Set([...from.keys(), ...to.keys()])].filter((key) => from.get(key) !== to.get(key));
  const entries = keys.slice(0, ENTRIES_LIMIT).map((key) => {
    const [was = '', is = ''] = [from.get(key), to.get(key)];
    return { key, name: nameOf(is === '' ? was : is), lines: lineDiff(was, is) };
  });
  return { entries, more: keys.length - entries.length };
}

/** By key; what stands before the first entry is of no interest. */
export function blocksByKey(toml: string): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const block of toml === '' ? [] : splitManifest(toml)) {
    const key = /^key = "([^"]*)"$/m.exec(block)?.[1];
    if (key !== undefined) blocks.set(key, block.replace(/^\n/, ''));
  }
  return blocks;
}

function nameOf(block: string): string {
  return /^(?:id|name) = "([^"]*)"$/m.exec(block)?.[1] ?? '';
}
