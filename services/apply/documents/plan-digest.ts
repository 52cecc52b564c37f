// What a planned write would change, in one digest: who looked at it can ask for exactly that. It is of what would be written over
// and taken away, as it is, and of what would be made, by name; what somebody edits elsewhere does not change it. Pure.
import { utf8 } from '@hakiri/base/bytes';
import { canonicalJson } from '@hakiri/base/json';
import type { ConfigDraft } from '@hakiri/contracts/config';
import { asJson } from '@hakiri/manifest/canonical';
import { digestOf } from '@hakiri/manifest/digest';
import type { Entries } from './edit-batches.ts';

type Entry = { key: string };
type Planned = { target: { doc: string }; draft: ConfigDraft; entries: Entries };

export function planDigest(documents: readonly Planned[]): Promise<string> {
  const plans = documents.map(({ target, draft, entries }) => ({
    doc: target.doc,
    pipelines: touched(draft.pipelines, entries.put, entries.delete, ({ id }) => id),
    variables: touched(draft.variables, entries.putVariables, entries.deleteVariables, ({ name }) => name),
  }));
  plans.sort((a, b) => (a.doc < b.doc ? -1 : 1));
  return digestOf(utf8(canonicalJson(asJson(plans))));
}

/** Keys of what would be made are given anew at each look. */
function touched<Draft extends Entry>(
  there: readonly Draft[],
  put: readonly Draft[],
  deleted: readonly string[],
  nameOf: (entry: Draft) => unknown,
) {
  const known = new Map(there.map((entry) => [entry.key, entry]));
  const before = (keys: readonly string[]): Draft[] => keys.toSorted().flatMap((key) => known.get(key) ?? []);
  return {
    changed: before(put.map(({ key }) => key)),
    deleted: before(deleted),
    made: put.flatMap((entry) => (known.has(entry.key) ? [] : [String(nameOf(entry))])).toSorted(),
  };
}
