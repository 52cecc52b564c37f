// Sync on the embedded substrate as a process of its own, so that a test can kill it: run with a data directory, prints its URL.
// With `compacting` it drops history all the time.
import { createDeps } from '@hakiri/service/deps';
import { listen } from '@hakiri/service/host';
import { silentLogger } from '@hakiri/service/logger';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { DEFAULTS } from '../config.ts';
import { createSync } from '../service.ts';
import { applyRevision } from './apply-revision.ts';
import { createTestGuard } from './test-guard.ts';

const [dataDir, mode] = process.argv.slice(2);
const REVISION_MS = 30;

if (import.meta.main && dataDir !== undefined) {
  const substrate = await openEmbedded(dataDir);
  const deps = {
    ...createDeps(substrate, 'sync', silentLogger),
    guard: createTestGuard(substrate.clock.now),
  };
  // Compacts all the time, so that a kill falls into compactions too.
  const history = { ...DEFAULTS.history, historyBytes: 1, historyMinMs: 0, orphanMs: 1_000 };
  const isCompacting = mode === 'compacting';
  const service = createSync(deps, {
    ...DEFAULTS,
    compactEntries: 20,
    ...(isCompacting ? { history, deltaCounters: 50 } : {}),
  });
  await service.start();
  const host = listen([service], { hostname: '127.0.0.1', port: 0 });
  process.stdout.write(`${host.url}\n`);
  // The next when the document answers again: on a busy machine they would pile up, and nobody could write any more.
  while (isCompacting) {
    await applyRevision({ deps }, Date.now());
    const headers = { authorization: 'Bearer alice' };
    await (await fetch(`${host.url}/v1/docs/main`, { headers })).text();
    await deps.clock.sleep(REVISION_MS);
  }
}
