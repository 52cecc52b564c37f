// Which document was open last on this device: where the page begins.
import { DEFAULT_DOC, DocId } from '@hakiri/contracts/names';
import { Check } from '@sinclair/typebox/value';

const STORAGE_KEY = 'hakiri.document';

export function lastDocument(): DocId {
  const stored = localStorage.getItem(STORAGE_KEY);
  return Check(DocId, stored) ? stored : DEFAULT_DOC;
}

export function rememberDocument(doc: DocId): void {
  localStorage.setItem(STORAGE_KEY, doc);
}

/** It is not there any more. */
export function forgetDocument(): void {
  localStorage.removeItem(STORAGE_KEY);
}
