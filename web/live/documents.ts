// The documents of the team that are not archived, as they were told last.
import type { DocumentsClient } from '@hakiri/client/documents';
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { createStore, type Store } from './store.ts';

export type TeamDocuments = {
  list: Store<readonly DocumentInfo[]>;
  /** Asks again. Without an answer the last one stays. */
  again(): void;
  /** Somebody who shows them asked. */
  told(docs: readonly DocumentInfo[]): void;
};

/** Nothing is asked before somebody wants to know. */
export function watchDocuments(documents: Pick<DocumentsClient, 'list'>): TeamDocuments {
  const list = createStore<readonly DocumentInfo[]>([]);
  let questions = 0;
  return {
    list,
    again() {
      const question = ++questions;
      void documents.list().then(
        (docs) => question === questions && list.set(docs),
        () => {},
      );
    },
    told(docs) {
      questions += 1;
      list.set(docs);
    },
  };
}
