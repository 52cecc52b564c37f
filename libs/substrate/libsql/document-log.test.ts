// The libSQL document log keeps its port's contract, on a thread of its own and on the caller's.
import { join } from 'node:path';
import { documentLogContract } from '@hakiri/testing/document-log-contract';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openDocumentLog, openDocumentLogHere } from './document-log.ts';

const MAKERS = {
  'libsql on its thread': (path: string) => openDocumentLog({ path }),
  'libsql on the caller’s': async (path: string) => openDocumentLogHere({ path }),
};

for (const [name, make] of Object.entries(MAKERS))
  documentLogContract(name, async () => {
    const directory = await makeTempDirectory();
    const closing: (() => Promise<void>)[] = [];
    const open = async () => {
      const log = await make(join(directory.path, 'documents.db'));
      closing.push(log.close);
      return log;
    };
    return {
      log: await open(),
      reopen: open,
      close: async () => {
        for (const close of closing) await close();
        await directory.remove();
      },
    };
  });
