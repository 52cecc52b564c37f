// What a service stands on: one of each port. Two makers: embedded/open.ts (one process, one data directory) and
// cluster/open.ts (NATS JetStream, a blob store, a database file or server for each service).
import type { BlobStore } from './blob-store.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { DocumentLog } from './document-log.ts';
import type { Lease } from './lease.ts';
import type { Database } from './libsql/database.ts';
import type { Random } from './random.ts';

export type Substrate = {
  bus: Bus;
  blobs: BlobStore;
  documents: DocumentLog;
  lease: Lease;
  clock: Clock;
  random: Random;
  /** The service's own database, opened once and migrated from the folder of drizzle migrations. */
  database(service: string, migrationsFolder: string): Promise<Database>;
  close(): Promise<void>;
};
