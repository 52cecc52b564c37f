// The substrate of one service among many processes: NATS JetStream between them, a blob store they share, and a database
// of the service's own, in a file or on a libSQL server.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../blob-store.ts';
import { type Clock, systemClock } from '../clock.ts';
import { createDatabases } from '../libsql/databases.ts';
import { openNatsBus } from '../nats/bus.ts';
import { type Connection, connectNats } from '../nats/connection.ts';
import { openNatsDocumentLog } from '../nats/document-log.ts';
import { openNatsLease } from '../nats/lease.ts';
import { createSystemRandom } from '../random.ts';
import { rethrowLater } from '../rethrow.ts';
import type { Substrate } from '../substrate.ts';

/** A folder of files, one for each service, or a server with one database, which is one service's. */
export type DatabasePlace =
  | { kind: 'directory'; path: string }
  | { kind: 'server'; url: string; token?: string };

export type ClusterConfig = {
  /** `nats://[user:password@]host:port`, several with commas between. */
  natsUrl: string;
  /** That all processes see. */
  blobs: BlobStore;
  database: DatabasePlace;
  /** Says in NATS who is connected. */
  name: string;
  /** Copies JetStream keeps of what it makes; what is there already keeps its own. */
  replicas?: number;
  clock?: Clock;
  /** What subscribers throw. Left out, it is an uncaught error of the process. */
  onError?(error: unknown): void;
};

/** @throws BusError `unavailable` when NATS does not take the connection in time. */
export async function openCluster(config: ClusterConfig): Promise<Substrate> {
  if (config.database.kind === 'directory') await mkdir(config.database.path, { recursive: true });
  const connection = await connectNats(config.natsUrl, config.name);
  try {
    return await openConnected(config, connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openConnected(config: ClusterConfig, connection: Connection): Promise<Substrate> {
  const clock = config.clock ?? systemClock;
  const replicas = config.replicas ?? 1;
  const { blobs, database } = config;
  const bus = await openNatsBus(connection, { replicas, onError: config.onError ?? rethrowLater });
  const databases = createDatabases((service) =>
    database.kind === 'server' ? database : { url: `file:${join(database.path, `${service}.db`)}` },
  );

  async function close(): Promise<void> {
    await bus.close();
    await databases.close();
    await connection.close();
  }

  let closing: Promise<void> | undefined;
  return {
    bus,
    blobs,
    documents: await openNatsDocumentLog({ connection, blobs, replicas }),
    lease: await openNatsLease(connection, clock, replicas),
    clock,
    random: createSystemRandom(),
    database: databases.open,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
