// The substrate of a single process: everything in files under one data directory, nothing to install.
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { openDirectoryBlobStore } from '../directory/blob-store.ts';
import type { HeldLock } from '../directory/file-lock.ts';
import { openClient } from '../libsql/database.ts';
import { createDatabases } from '../libsql/databases.ts';
import { openDocumentLog } from '../libsql/document-log.ts';
import { createSystemRandom, type Random } from '../random.ts';
import { rethrowLater } from '../rethrow.ts';
import type { Substrate } from '../substrate.ts';
import { openEmbeddedBus } from './bus.ts';
import { claimDataDirectory } from './data-directory.ts';
import { openEmbeddedLease } from './lease.ts';

export type EmbeddedOptions = {
  clock?: Clock;
  random?: Random;
  /** What subscribers throw, and what failed in the background. Left out, it is an uncaught error of the process. */
  onError?(error: unknown): void;
  /** The disk has no room for what is written in the background. That is no bug: it is written again with the next, or happens again after a restart. */
  onFull?(error: unknown): void;
};

/** @throws DataDirectoryInUse when another process has the directory. */
export async function openEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<Substrate> {
  const lock = await claimDataDirectory(dataDir);
  try {
    return await openClaimed(dataDir, options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openClaimed(dataDir: string, options: EmbeddedOptions, lock: HeldLock): Promise<Substrate> {
  const clock = options.clock ?? systemClock;
  const file = (name: string) => openClient(`file:${join(dataDir, name)}`);
  const leaseClient = await file('lease.db');
  const bus = await openEmbeddedBus(
    await file('bus.db'),
    clock,
    options.onError ?? rethrowLater,
    options.onFull,
  );
  const documents = await openDocumentLog({ path: join(dataDir, 'documents.db') });
  const databases = createDatabases((service) => ({ url: `file:${join(dataDir, `${service}.db`)}` }));

  async function close(): Promise<void> {
    await bus.close();
    await documents.close();
    await databases.close();
    leaseClient.close();
    lock.release();
  }

  let closing: Promise<void> | undefined;
  return {
    bus,
    blobs: await openDirectoryBlobStore(join(dataDir, 'blobs')),
    documents,
    lease: await openEmbeddedLease(leaseClient, clock),
    clock,
    random: options.random ?? createSystemRandom(),
    database: databases.open,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
