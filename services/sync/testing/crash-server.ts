// Sync on the embedded substrate as a process of its own, so that a test can kill it: run with a data directory, prints its URL.
import { createDeps } from '@hakiri/service/deps';
import { listen } from '@hakiri/service/host';
import { silentLogger } from '@hakiri/service/logger';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { DEFAULTS } from '../config.ts';
import { createSync } from '../service.ts';
import { createTestGuard } from './test-guard.ts';

const [dataDir] = process.argv.slice(2);

if (import.meta.main && dataDir !== undefined) {
  const substrate = await openEmbedded(dataDir);
  const deps = {
    ...createDeps(substrate, 'sync', silentLogger),
    guard: createTestGuard(substrate.clock.now),
  };
  // Compacts all the time, so that a kill falls into compactions too.
  const service = createSync(deps, { ...DEFAULTS, compactEntries: 20 });
  await service.start();
  const host = listen([service], { hostname: '127.0.0.1', port: 0 });
  process.stdout.write(`${host.url}\n`);
}
