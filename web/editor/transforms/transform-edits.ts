// What the list of transforms does to the document beyond single fields, with the way back; and the order that is shown.
import type { Json } from '@hakiri/base/json';
import { commitEdit } from '@hakiri/config-doc/edit';
import { removeTransform } from '@hakiri/config-doc/edit-transforms';
import { readTransform, type TransformDraft, transformKeys } from '@hakiri/config-doc/read';
import { writeTransform } from '@hakiri/config-doc/reconcile';
import { childList, entityOf, pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import type { LoroDoc } from 'loro-crdt';

/** As one's own edits in this page are told from others'. */
const ORIGIN = 'page';

/** Undefined when it is gone. The way back makes it anew under its own key, unless somebody has by then. */
export function removeWithWayBack(
  doc: LoroDoc,
  pipeline: string,
  key: string,
): { undo: () => void } | undefined {
  const draft = readTransform(doc, key, pipeline);
  const before = transformKeys(doc, pipeline);
  const isRemoved = commitEdit(doc, ORIGIN, () => removeTransform(doc, pipeline, key));
  if (!draft || !isRemoved) return undefined;
  const after = before.slice(before.indexOf(key) + 1);
  return { undo: () => commitEdit(doc, ORIGIN, () => putBack(doc, pipeline, draft, after)) };
}

/** Before the first of those that it stood before, as far as they are still there. */
function putBack(doc: LoroDoc, pipeline: string, draft: TransformDraft, after: readonly string[]): void {
  const entity = entityOf(pipelinesOf(doc), pipeline);
  if (!entity || entityOf(transformsOf(doc), draft.key)) return;
  if (writeTransform(doc, pipeline, draft) === undefined) return;
  const list = childList(entity, 'transforms');
  const now = list.toArray();
  const next = after.map((key) => now.indexOf(key)).find((index) => index !== -1);
  list.insert(next ?? now.length, draft.key);
}

/** What is dropped is shown there at once; the draft follows a frame later. */
export type Moved = { from: readonly string[]; to: readonly string[] };

/** What was moved counts for the order that it was moved in. */
export function shownOrder(keys: readonly string[], moved: Moved | undefined): readonly string[] {
  return moved && keys.join() === moved.from.join() ? moved.to : keys;
}

/** As texts; what is none is for validation to name. */
export function inputsOf(inputs: Json | unknown): string[] {
  return Array.isArray(inputs) ? inputs.filter((input) => typeof input === 'string') : [];
}

/** Those that are typed or pasted, between commas or lines, without those that are there. */
export function withInputs(inputs: readonly string[], typed: string): string[] {
  const names = typed.split(/[,\n\t]/).map((name) => name.trim());
  return [...new Set([...inputs, ...names.filter((name) => name !== '')])];
}
