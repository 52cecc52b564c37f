// The libSQL document log keeps its port's contract.
import { join } from 'node:path';
import { documentLogContract } from '@hakiri/testing/document-log-contract';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openClient } from './database.ts';
import { openDocumentLog } from './document-log.ts';

documentLogContract('libsql', async () => {
  const directory = await makeTempDirectory();
  const closing: (() => Promise<void>)[] = [];
  const open = async () => {
    const client = await openClient(`file:${join(directory.path, 'documents.db')}`);
    const log = await openDocumentLog(client);
    closing.push(async () => {
      await log.close();
      client.close();
    });
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
