// The four services as four processes over a real nats-server, with the local node as a fifth and a gateway in front: the
// shape of a production installation on one machine. The processes share no memory. Two write to the blob directory, each to
// names of its own: apply manifests and their index, sync the bases of documents.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@hakiri/contracts/http';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import type { Ready } from '@hakiri/launch/announce';
import { newOwnerCode, signInOwner } from '@hakiri/launch/bootstrap';
import { prepareLocalNode } from '@hakiri/launch/local-node';
import { startLocalNatsServer } from '@hakiri/substrate/nats/local-server';
import { createPage } from '@hakiri/web/build';
import { startGateway } from './gateway.ts';
import { type Supervised, supervise } from './supervisor.ts';

export type ClusterOptions = {
  dataDir: string;
  filesDir: string;
  hostname: string;
  port: number;
  logLevel: string;
  stepDelayMs: number;
  /** An existing NATS server with JetStream; one is started when absent. */
  natsUrl?: string;
};
export type Cluster = Ready & {
  services: Record<ServiceName, Supervised>;
  node: Supervised;
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dir, '../..');
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 25;

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir, hostname } = options;
  await mkdir(dataDir, { recursive: true });
  const nats = options.natsUrl === undefined ? await startLocalNatsServer(join(dataDir, 'nats')) : undefined;
  const natsUrl = options.natsUrl ?? nats?.url ?? '';
  const ownerCode = newOwnerCode();
  const ports = freePorts(SERVICE_NAMES.length);
  const addresses = SERVICE_NAMES.map((name, index) => [name, ports[index] ?? 0] as const);
  const start = ([name, port]: readonly [ServiceName, number]) =>
    supervise({
      name,
      script: join(ROOT, 'services', name, 'main.ts'),
      env: {
        HAKIRI_NATS_URL: natsUrl,
        HAKIRI_BLOBS: join(dataDir, 'blobs'),
        HAKIRI_DATA: join(dataDir, name),
        HAKIRI_HOST: '127.0.0.1',
        HAKIRI_PORT: String(port),
        HAKIRI_LOG: options.logLevel,
        ...(name === 'auth' ? { HAKIRI_OWNER_CODE: ownerCode, HAKIRI_TRUST_FORWARDED_FOR: 'yes' } : {}),
      },
    });
  const services = byService(addresses.map((address) => [address[0], start(address)]));
  const upstreams = byService(addresses.map(([name, port]) => [name, `http://127.0.0.1:${port}`]));
  const gateway = startGateway({ hostname, port: options.port, upstreams, page: createPage() });
  await ready(gateway.url);
  const owner = await signInOwner(gateway.url, ownerCode);
  const node = await startNode(gateway.url, owner.ownerToken, options);
  return {
    ...owner,
    url: gateway.url,
    doc: DEFAULT_DOC,
    data: dataDir,
    services,
    node,
    stop: async () => {
      await node.stop();
      await Promise.all(Object.values(services).map((service) => service.stop()));
      await gateway.stop();
      await nats?.stop();
    },
  };
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
