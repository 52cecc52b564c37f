// All four services in one process on one data directory and one port: a way of running them, with no code path of its own
// inside any service. They meet on the in-process bus exactly as they would meet on NATS.
import { join } from 'node:path';
import { createApply } from '@hakiri/apply/service';
import { createAuth } from '@hakiri/auth/service';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Ready } from '@hakiri/launch/announce';
import { newOwnerCode, signInOwner } from '@hakiri/launch/bootstrap';
import { prepareLocalNode } from '@hakiri/launch/local-node';
import { createNode } from '@hakiri/scheduler/node/node';
import { createScheduler } from '@hakiri/scheduler/service';
import { startServices } from '@hakiri/service/compose';
import { createDeps } from '@hakiri/service/deps';
import { createLogger, errorFields, type Logger, type LogLevel } from '@hakiri/service/logger';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { SyncConfig } from '@hakiri/sync/config';
import { createSync } from '@hakiri/sync/service';
import { createPage } from '@hakiri/web/server/page';

export type EmbeddedOptions = {
  dataDir: string;
  filesDir?: string;
  hostname: string;
  port: number;
  logLevel: LogLevel;
  stepDelayMs?: number;
  /** Bounds of sync other than its defaults. */
  sync?: SyncConfig;
};
export type Embedded = Ready & { logger: Logger; stop(): Promise<void> };

/** @throws DataDirectoryInUse when another process has the data directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const logger = createLogger(options.logLevel);
  const ownerCode = newOwnerCode();
  const substrate = await openEmbedded(options.dataDir, {
    onFull: (error) => logger.error('storage_full', errorFields(error)),
  });
  const deps = {
    auth: createDeps(substrate, 'auth', logger.child({ service: 'auth' })),
    sync: createDeps(substrate, 'sync', logger.child({ service: 'sync' })),
    apply: createDeps(substrate, 'apply', logger.child({ service: 'apply' })),
    scheduler: createDeps(substrate, 'scheduler', logger.child({ service: 'scheduler' })),
  };
  const services = await Promise.all([
    createAuth(deps.auth, { ownerCode }),
    createSync(deps.sync, options.sync),
    createApply(deps.apply),
    createScheduler(deps.scheduler),
  ]);
  const composed = await startServices({
    substrate,
    services: services.map((service) => ({ service, guard: deps[service.name].guard })),
    http: { hostname: options.hostname, port: options.port, fallback: createPage() },
    logger,
  });
  const { url } = composed;
  try {
    const owner = await signInOwner(url, ownerCode);
    const node = await startNode(url, owner.ownerToken, options, logger);
    const stop = async (): Promise<void> => {
      await node.stop();
      await composed.stop();
    };
    return { ...owner, url, doc: DEFAULT_DOC, data: options.dataDir, logger, stop };
  } catch (error) {
    await composed.stop();
    throw error;
  }
}

async function startNode(url: string, ownerToken: string, options: EmbeddedOptions, logger: Logger) {
  const { dataDir, filesDir = join(dataDir, 'files') } = options;
  const local = await prepareLocalNode(url, ownerToken, { dataDir, filesDir });
  const node = createNode({
    url,
    ...local,
    labels: [],
    stepDelayMs: options.stepDelayMs ?? 0,
    logger: logger.child({ node: local.name }),
  });
  await node.start();
  return node;
}
