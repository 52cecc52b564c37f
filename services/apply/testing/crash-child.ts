// Apply in a process of its own that can be killed, or that kills itself at a named step; says on stdout where it listens.

import { startServices } from '@hakiri/service/compose';
import { createDeps } from '@hakiri/service/deps';
import { endWithProcess } from '@hakiri/service/lifecycle';
import { createLogger, silentLogger } from '@hakiri/service/logger';
import { createMessaging } from '@hakiri/service/messaging';
import { type BlobPlace, openBlobs } from '@hakiri/service/stores';
import { openCluster } from '@hakiri/substrate/cluster/open';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { DEFAULTS } from '../config.ts';
import { createApply } from '../service.ts';
import { standIn } from './stand-ins.ts';

export type ChildOptions = {
  place:
    | { kind: 'embedded'; path: string }
    | { kind: 'cluster'; natsUrl: string; blobs: BlobPlace; databaseUrl: string };
  publicKey: string;
  /** Dies by SIGKILL when it comes by for this many times. */
  crash?: { step: string; times: number };
  hotRevisions?: number;
};

const options: ChildOptions = JSON.parse(process.argv[2] ?? '');
const logger = createLogger('error');
const substrate = await open(options.place);
if (options.place.kind === 'embedded')
  standIn(createMessaging({ ...substrate, logger: silentLogger }), options.publicKey);
let left = options.crash?.times ?? 0;
const dieAt = (step: string): void => {
  if (step !== options.crash?.step) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};
const deps = createDeps(substrate, 'apply', logger);
// Quick where a person would wait.
const service = await createApply(
  { ...deps, step: dieAt, coldStep: dieAt },
  {
    ...DEFAULTS,
    // What a killed process had in hand comes to another after this.
    ackWaitMs: 3_000,
    retryFirstMs: 20,
    retryLimitMs: 200,
    reconcileMs: 50,
    lookAgainMs: 100,
    hotRevisions: options.hotRevisions ?? DEFAULTS.hotRevisions,
  },
);
const running = await startServices({
  substrate,
  services: [{ service, guard: deps.guard }],
  http: { hostname: '127.0.0.1', port: 0 },
  logger,
});
endWithProcess(running, logger);
process.stdout.write(`${running.url}\n`);

async function open(place: ChildOptions['place']): Promise<Substrate> {
  if (place.kind === 'embedded') return openEmbedded(place.path);
  return openCluster({
    name: 'apply',
    natsUrl: place.natsUrl,
    blobs: await openBlobs(place.blobs, silentLogger),
    database: { kind: 'server', url: place.databaseUrl },
  });
}
