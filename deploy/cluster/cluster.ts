// The four services as four processes over a real nats-server, with the local node as a fifth and a gateway in front: the
// shape of a production installation on one machine. The processes share no memory. Two write to the blob directory, each to
// names of its own: apply manifests and their index, sync the bases of documents.
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@hakiri/contracts/http';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Ready } from '@hakiri/launch/announce';
import { newOwnerCode, signInOwner } from '@hakiri/launch/bootstrap';
import { prepareLocalNode } from '@hakiri/launch/local-node';
import { claimDataDirectory } from '@hakiri/substrate/embedded/data-directory';
import { startLocalNatsServer } from '@hakiri/substrate/nats/local-server';
import { createPage } from '@hakiri/web/server/page';
import { startGateway } from './gateway.ts';
import { type ProcessSpec, type Supervised, supervise } from './supervisor.ts';

export type ClusterOptions = {
  dataDir: string;
  filesDir: string;
  hostname: string;
  port: number;
  logLevel: string;
  stepDelayMs: number;
  /** An existing NATS server with JetStream; one is started when absent. */
  natsUrl?: string;
  /** Where a service keeps its blobs and its database (libs/service/stores.ts); below the data directory when absent. */
  storesOf?(service: ServiceName): Record<string, string>;
};
export type Cluster = Ready & {
  services: Record<ServiceName, Supervised>;
  node: Supervised;
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dir, '../..');
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 25;
const NATS_RESTART_DELAY_MS = 200;

/** Starts all or nothing. @throws when the port or the data directory is taken, or something does not come up. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return { ...(await assemble(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whatever has started puts its end into `stops`. */
async function assemble(
  options: ClusterOptions,
  stops: (() => Promise<void>)[],
): Promise<Omit<Cluster, 'stop'>> {
  const { dataDir, hostname } = options;
  const ports = freePorts(SERVICE_NAMES.length);
  const addresses = SERVICE_NAMES.map((name, index) => [name, ports[index] ?? 0] as const);
  const upstreams = byService(addresses.map(([name, port]) => [name, `http://127.0.0.1:${port}`]));
  // The port first: it is what is most often taken, and nothing has to be cleaned up then.
  const gateway = startGateway({ hostname, port: options.port, upstreams, page: createPage() });
  stops.push(() => gateway.stop());
  const claim = await claimDataDirectory(dataDir);
  stops.push(async () => claim.release());
  const natsUrl = options.natsUrl ?? (await startNats(join(dataDir, 'nats'), stops));
  const ownerCode = newOwnerCode();
  const services = byService(
    addresses.map(([name, port]) => [
      name,
      supervise(serviceSpec(name, port, { options, natsUrl, ownerCode })),
    ]),
  );
  stops.push(async () => void (await Promise.all(Object.values(services).map((service) => service.stop()))));
  await ready(gateway.url);
  const owner = await signInOwner(gateway.url, ownerCode);
  const node = await startNode(gateway.url, owner.ownerToken, options);
  stops.push(() => node.stop());
  return { ...owner, url: gateway.url, doc: DEFAULT_DOC, data: dataDir, services, node };
}

function serviceSpec(
  name: ServiceName,
  port: number,
  shared: { options: ClusterOptions; natsUrl: string; ownerCode: string },
): ProcessSpec {
  const { dataDir, logLevel, storesOf } = shared.options;
  return {
    name,
    script: join(ROOT, 'services', name, 'main.ts'),
    env: {
      HAKIRI_NATS_URL: shared.natsUrl,
      ...(storesOf?.(name) ?? { HAKIRI_BLOBS: join(dataDir, 'blobs'), HAKIRI_DATA: join(dataDir, name) }),
      HAKIRI_HOST: '127.0.0.1',
      HAKIRI_PORT: String(port),
      HAKIRI_LOG: logLevel,
      ...(name === 'auth' ? { HAKIRI_OWNER_CODE: shared.ownerCode, HAKIRI_TRUST_FORWARDED_FOR: 'yes' } : {}),
    },
  };
}

/** Keeps it running, like the services: a nats-server that dies comes back on the same port and store. */
async function startNats(directory: string, stops: (() => Promise<void>)[]): Promise<string> {
  const nats = await startLocalNatsServer(directory);
  let stopping = false;
  const watch = async (): Promise<void> => {
    await nats.exited();
    if (stopping) return;
    await Bun.sleep(NATS_RESTART_DELAY_MS);
    await nats.start();
    return watch();
  };
  void watch();
  stops.push(async () => {
    stopping = true;
    await nats.stop();
  });
  return nats.url;
}

async function startNode(url: string, ownerToken: string, options: ClusterOptions): Promise<Supervised> {
  const local = await prepareLocalNode(url, ownerToken, options);
  return supervise({
    name: 'node',
    script: join(ROOT, 'services/scheduler/node/main.ts'),
    env: {
      HAKIRI_URL: url,
      HAKIRI_TOKEN: local.token,
      HAKIRI_NODE_NAME: local.name,
      HAKIRI_NODE_POOLS: local.pools.join(','),
      HAKIRI_NODE_DATA: local.dataRoot,
      HAKIRI_NODE_OUTPUT: local.outputRoot,
      HAKIRI_NODE_STEP_DELAY_MS: String(options.stepDelayMs),
      HAKIRI_LOG: options.logLevel,
    },
  });
}

async function ready(url: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${url}/readyz`);
    if (response.ok) return;
    if (Date.now() > deadline) throw new Error(`The services did not become ready: ${await response.text()}`);
    await Bun.sleep(READY_POLL_MS);
  }
}

/** Ports that are free now; each process then binds its own, and keeps it over restarts. */
function freePorts(count: number): number[] {
  const holders = Array.from({ length: count }, () =>
    Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } }),
  );
  const ports = holders.map((holder) => holder.port);
  for (const holder of holders) holder.stop(true);
  return ports;
}

function byService<Value>(entries: readonly (readonly [ServiceName, Value])[]): Record<ServiceName, Value> {
  return Object.fromEntries(entries) as Record<ServiceName, Value>;
}
