// All four services in one process on one data directory and one port: a way of running them, with no code path of its own
// inside any service. They meet on the in-process bus exactly as they would meet on NATS.
import { join } from 'node:path';
import { createApply } from '@hakiri/apply/service';
import { createAuth } from '@hakiri/auth/service';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Ready } from '@hakiri/launch/announce';
import { newOwnerCode, nodeToken, signInOwner } from '@hakiri/launch/bootstrap';
import { readSecret, seedFiles, writeSecret } from '@hakiri/launch/files';
import { createNode } from '@hakiri/scheduler/node/node';
import { createScheduler } from '@hakiri/scheduler/service';
import { createDeps } from '@hakiri/service/deps';
import { listen } from '@hakiri/service/host';
import { type Part, startAll } from '@hakiri/service/lifecycle';
import { createLogger, type Logger, type LogLevel } from '@hakiri/service/logger';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { createSync } from '@hakiri/sync/service';
import { createPage } from '@hakiri/web/build';

export type EmbeddedOptions = {
  dataDir: string;
  filesDir?: string;
  hostname: string;
  port: number;
  logLevel: LogLevel;
  stepDelayMs?: number;
};
export type Embedded = Ready & { logger: Logger; stop(): Promise<void> };

/** @throws DataDirectoryInUse when another process has the data directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const logger = createLogger(options.logLevel);
  const ownerCode = newOwnerCode();
  const substrate = await openEmbedded(options.dataDir);
  const deps = {
    auth: createDeps(substrate, 'auth', logger.child({ service: 'auth' })),
    sync: createDeps(substrate, 'sync', logger.child({ service: 'sync' })),
    apply: createDeps(substrate, 'apply', logger.child({ service: 'apply' })),
    scheduler: createDeps(substrate, 'scheduler', logger.child({ service: 'scheduler' })),
  };
  const services = await Promise.all([
    createAuth(deps.auth, { ownerCode }),
    createSync(deps.sync),
    createApply(deps.apply),
    createScheduler(deps.scheduler),
  ]);
  const host = listen(services, { ...options, fallback: createPage() });
  const guards: Part[] = Object.entries(deps).map(([name, { guard }]) => ({
    name: `guard of ${name}`,
    start: () => guard.start(),
    stop: () => guard.stop(),
  }));
  const group = await startAll(
    [
      { name: 'substrate', start: async () => {}, stop: () => substrate.close() },
      ...services,
      ...guards,
      { name: 'http', start: async () => {}, stop: () => host.stop() },
    ],
    logger,
  );
  const owner = await signInOwner(host.url, ownerCode);
  const node = await startNode(host.url, owner.ownerToken, options, logger);
  return {
    ...owner,
    url: host.url,
    doc: DEFAULT_DOC,
    data: options.dataDir,
    logger,
    stop: async () => {
      await node.stop();
      await group.stop();
    },
  };
}

async function startNode(url: string, ownerToken: string, options: EmbeddedOptions, logger: Logger) {
  const tokenFile = join(options.dataDir, 'node.token');
  const stored = await readSecret(tokenFile);
  const token = await nodeToken(url, ownerToken, stored);
  if (token !== stored) await writeSecret(tokenFile, token);
  const dataRoot = options.filesDir ?? join(options.dataDir, 'files');
  await seedFiles(dataRoot);
  const node = createNode({
    url,
    token,
    name: 'local',
    pools: ['default'],
    labels: [],
    dataRoot,
    outputRoot: join(options.dataDir, 'tables'),
    stepDelayMs: options.stepDelayMs ?? 0,
    logger: logger.child({ node: 'local' }),
  });
  await node.start();
  return node;
}
