// The two ways of running the product, behind one handle, so that one suite, one demo and one soak serve both: start it as a
// user would, kill it without warning, start it again on the same data, end it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@hakiri/cluster/cluster';
import { SERVICE_NAMES, type ServiceName } from '@hakiri/contracts/http';
import type { Ready } from '@hakiri/launch/announce';
import { tether } from '@hakiri/substrate/tether';
import type { Stores } from './stores.ts';

export type Deployment = {
  kind: 'embedded' | 'cluster';
  /** Renewed by every start: address and owner's token. */
  ready(): Ready;
  /** SIGKILL to everything at once: services and node (nats-server, like a database, stays). */
  kill(): Promise<void>;
  /** Of the one process; undefined where there are several. */
  pid(): number | undefined;
  /** SIGTERM, and the code it ended with; the data stays. Where there are several processes: everything but nats-server. */
  end(): Promise<number>;
  /** After `kill` or `end`, on the same data. */
  restart(): Promise<void>;
  /** Only where services are processes of their own: one of them away, and back. */
  service?(name: ServiceName): { down(): Promise<void>; up(): Promise<void>; pid(): number | undefined };
  stop(): Promise<void>;
};

export type DeploymentOptions = {
  stepDelayMs?: number;
  dataDir?: string;
  logLevel?: string;
  /** Of several processes: where they keep things, when not below the data directory. */
  stores?: Stores;
  /** Of the one process: another than `npm start` runs, which takes the same options. */
  program?: string;
};

const ROOT = join(import.meta.dir, '..');
const START_TIMEOUT_MS = 60_000;

export async function embeddedDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const folder = await dataFolder(options);
  const start = () => startEmbeddedProcess(folder.path, options);
  let current = await start();
  return {
    kind: 'embedded',
    ready: () => current.ready,
    pid: () => current.child.pid,
    kill: async () => {
      current.child.kill('SIGKILL');
      await current.child.exited;
    },
    end: () => {
      current.child.kill('SIGTERM');
      return current.child.exited;
    },
    restart: async () => {
      current = await start();
    },
    stop: async () => {
      current.child.kill('SIGTERM');
      await current.child.exited;
      await folder.remove();
    },
  };
}

async function startEmbeddedProcess(dataDir: string, options: DeploymentOptions) {
  const args = ['--json', '--port', '0', '--data', dataDir, '--log', options.logLevel ?? 'error'];
  const child = Bun.spawn(
    [
      process.execPath,
      options.program ?? join(ROOT, 'deploy/embedded/main.ts'),
      ...args,
      '--step-delay',
      String(options.stepDelayMs ?? 0),
    ],
    { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
  );
  tether(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const line = await firstLine(child.stdout);
  clearTimeout(timer);
  if (line === undefined)
    throw new Error(`the embedded process ended with code ${await child.exited} before it was ready`);
  return { child, ready: JSON.parse(line) as Ready };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += decoder.decode(value, { stream: true });
    const end = text.indexOf('\n');
    if (end >= 0) {
      reader.releaseLock();
      return text.slice(0, end);
    }
  }
}

export async function clusterDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const folder = await dataFolder(options);
  const cluster: Cluster = await startCluster({
    dataDir: folder.path,
    filesDir: join(folder.path, 'files'),
    hostname: '127.0.0.1',
    port: 0,
    logLevel: options.logLevel ?? 'error',
    stepDelayMs: options.stepDelayMs ?? 0,
    ...(options.stores === undefined ? {} : { storesOf: options.stores.envOf }),
  });
  const processes = [...Object.values(cluster.services), cluster.node];
  return {
    kind: 'cluster',
    ready: () => cluster,
    pid: () => undefined,
    kill: async () => {
      await Promise.all(processes.map((process) => process.kill({ hold: true })));
    },
    end: async () => {
      await Promise.all(processes.map((process) => process.stop()));
      return 0;
    },
    restart: async () => {
      for (const process of processes) process.resume();
      await untilReady(cluster.url);
    },
    service: (name) => ({
      down: () => cluster.services[name].kill({ hold: true }),
      up: async () => {
        cluster.services[name].resume();
        await untilReady(cluster.url);
      },
      pid: () => cluster.services[name].pid(),
    }),
    stop: async () => {
      await cluster.stop();
      await folder.remove();
    },
  };
}

export async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error(`${SERVICE_NAMES.join(', ')} at ${url} did not become ready`);
    await Bun.sleep(20);
  }
}

async function dataFolder(options: DeploymentOptions) {
  if (options.dataDir !== undefined) return { path: options.dataDir, remove: async () => {} };
  const path = await mkdtemp(join(tmpdir(), 'hakiri-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
