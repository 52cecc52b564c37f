// One step of a change made through the API (server-edit.ts), written into the document.
import { applyEdit } from '@hakiri/config-doc/reconcile';
import type { EditRequest } from '@hakiri/contracts/sync';
import type { Document } from './document.ts';

/** Writes one step; `update` is undefined when nothing differed. */
export function writeStep(
  document: Document,
  step: EditRequest,
): { changed: number; update: Uint8Array | undefined } {
  let changed = 0;
  const update = document.edit((doc) => {
    changed = applyEdit(doc, step);
  });
  return { changed, update };
}
