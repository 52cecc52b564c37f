// DocumentLog in a libSQL file, on a thread of its own: a flush to disk, however slow, stops nobody but those who wait for it.
import { createBatchedLog } from '../batched-log.ts';
import type { DocumentLog } from '../document-log.ts';
import { type LogStoreOptions, openLogStore } from './log-store.ts';
import { type LogThreadOptions, startLogThread } from './log-thread.ts';

export type LibsqlDocumentLog = DocumentLog & {
  /** Waits for appends under way; later calls fail. */
  close(): Promise<void>;
};

export type ThreadedDocumentLog = LibsqlDocumentLog & {
  /** Ends the thread as a crash of it would, for tests. */
  kill(): void;
};

export type DocumentLogOptions = LogThreadOptions & {
  /** See batched-log.ts. */
  paceMs?: number;
};

/** @throws DocumentLogError `unavailable` when the database cannot be opened. */
export async function openDocumentLog(options: DocumentLogOptions): Promise<ThreadedDocumentLog> {
  const thread = await startLogThread(options);
  const { paceMs } = options;
  const log = createBatchedLog({
    execute: thread.execute,
    ...(paceMs === undefined ? {} : { paceMs }),
  });
  return {
    ...log,
    kill: thread.kill,
    close: async () => {
      await log.close();
      await thread.close();
    },
  };
}

/** The same on the caller's thread, which every flush stops: for tools, and for tests that die at a named step. */
export function openDocumentLogHere(options: LogStoreOptions): LibsqlDocumentLog {
  const store = openLogStore(options);
  const log = createBatchedLog({ execute: async (requests) => store.execute(requests), paceMs: 0 });
  return {
    ...log,
    close: async () => {
      await log.close();
      store.close();
    },
  };
}
