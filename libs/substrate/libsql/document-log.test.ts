// The libSQL document log keeps its port's contract, on a thread of its own and on the caller's.
import { join } from 'node:path';
import { documentLogContract } from '@hakiri/testing/document-log-contract';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openDocumentLog, openDocumentLogHere } from './document-log.ts';
import type { LogThreadOptions } from './log-thread.ts';

const MAKERS = {
  'libsql on its thread': (options: LogThreadOptions) => openDocumentLog(options),
  'libsql on the caller’s': async (options: LogThreadOptions) => openDocumentLogHere(options),
};

for (const [name, make] of Object.entries(MAKERS))
  documentLogContract(name, async () => {
    const directory = await makeTempDirectory();
    const closing: (() => Promise<void>)[] = [];
    const open = async (file = 'documents.db', room = {}) => {
      const log = await make({ path: join(directory.path, file), ...room });
      closing.push(log.close);
      return log;
    };
    return {
      log: await open(),
      reopen: () => open(),
      small: async () => ({
        log: await open('small.db', { limitPages: 512 }),
        makeRoom: () => open('small.db'),
      }),
      close: async () => {
        for (const close of closing) await close();
        await directory.remove();
      },
    };
  });
