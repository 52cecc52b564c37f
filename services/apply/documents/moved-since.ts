// Whether what is left to write, after a write, is what the first look saw or what was written: else somebody edited it meanwhile, and
// who asked for exactly what they looked at has not looked at that. Pure.
import { jsonEqual } from '@hakiri/base/json';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { asJson } from '@hakiri/manifest/canonical';
import type { Entries } from './edit-batches.ts';

type Look = { draft: ConfigDraft; entries: Entries };
type Draft = PipelineDraft | VariableDraft;

/** @returns true when an entry that `now` would write over, take away or make is of somebody else by then. */
export function isMovedSince(first: Look, now: Look): boolean {
  const before = formsOf([first.draft.pipelines, first.entries.put]);
  const beforeVariables = formsOf([first.draft.variables, first.entries.putVariables]);
  const { put, putVariables, delete: gone, deleteVariables } = now.entries;
  return (
    isOthers(before, now.draft.pipelines, [...put.map(({ key }) => key), ...gone]) ||
    isOthers(beforeVariables, now.draft.variables, [
      ...putVariables.map(({ key }) => key),
      ...deleteVariables,
    ])
  );
}

/** By key: as it was at the first look, and as it was to be written. */
function formsOf(lists: readonly (readonly Draft[])[]): Map<string, Draft[]> {
  const forms = new Map<string, Draft[]>();
  for (const entry of lists.flat()) forms.set(entry.key, [...(forms.get(entry.key) ?? []), entry]);
  return forms;
}

function isOthers(forms: ReadonlyMap<string, Draft[]>, there: readonly Draft[], left: readonly string[]) {
  const known = new Map(there.map((entry) => [entry.key, entry]));
  return left.some((key) => {
    const now = known.get(key);
    // What a write makes is there after it: somebody took it away.
    return now === undefined || !isMadeOf(now, forms.get(key) ?? []);
  });
}

/** What a document cannot hold of an entry makes it another than was written; each field is still of one form or the other. */
function isMadeOf(now: Draft, forms: readonly Draft[]): boolean {
  return Object.entries(now).every(([field, value]) => {
    const values = forms.map((form) => new Map(Object.entries(form)).get(field));
    if (values.some((one) => isSame(one, value))) return true;
    if (!Array.isArray(value) || forms.length === 0) return false;
    const items = values.flatMap((one) => (Array.isArray(one) ? one : []));
    return value.every((item) => items.some((one) => isSame(one, item)));
  });
}

const isSame = (a: unknown, b: unknown): boolean => jsonEqual(asJson(a ?? null), asJson(b ?? null));
