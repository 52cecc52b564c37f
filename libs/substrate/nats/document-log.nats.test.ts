// The document log over a real nats-server keeps its port's contract.
import { afterAll, beforeAll, describe } from 'bun:test';
import { documentLogContract } from '@hakiri/testing/document-log-contract';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { openDirectoryBlobStore } from '../directory/blob-store.ts';
import { type Connection, connectNats } from './connection.ts';
import { openNatsDocumentLog } from './document-log.ts';

describe.skipIf(!natsServerAvailable())('nats', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  documentLogContract('nats', async () => {
    const directory = await makeTempDirectory();
    const connections: Connection[] = [];
    const open = async () => {
      const connection = await connectNats(server.url, 'test');
      connections.push(connection);
      const blobs = await openDirectoryBlobStore(directory.path);
      return openNatsDocumentLog({ connection, blobs, replicas: 1 });
    };
    return {
      log: await open(),
      reopen: open,
      close: async () => {
        for (const connection of connections) await connection.close();
        await directory.remove();
      },
    };
  });
});
