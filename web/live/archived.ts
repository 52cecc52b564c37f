// Whether the open document takes no edits because somebody archived it, which the connection does not tell from a role that reads.
import type { DocumentsClient } from '@hakiri/client/documents';
import type { DocumentConnection } from '@hakiri/client/sync';
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { createStore, type Store } from './store.ts';

/** Asked once each time the connection says "read only"; without an answer it is taken for the role. */
export function watchArchived(
  connection: Pick<DocumentConnection, 'onStatus'>,
  documents: Pick<DocumentsClient, 'list'>,
  docId: string,
): { info: Store<DocumentInfo | undefined>; close(): void } {
  const info = createStore<DocumentInfo | undefined>(undefined);
  let isReadOnly = false;
  /** An answer to an earlier question is none to this one. */
  let question = 0;
  const stop = connection.onStatus(({ kind }) => {
    const was = isReadOnly;
    isReadOnly = kind === 'read_only';
    if (kind === 'saved' || kind === 'saving') info.set(undefined);
    if (isReadOnly === was) return;
    question += 1;
    if (isReadOnly) void ask(question);
  });

  async function ask(asked: number): Promise<void> {
    const all = await documents.list({ archived: true }).catch(() => []);
    if (asked !== question) return;
    info.set(all.find(({ doc, archivedAt }) => doc === docId && archivedAt !== undefined));
  }

  return {
    info,
    close() {
      question += 1;
      stop();
    },
  };
}
