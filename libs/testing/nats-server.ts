// A real nats-server with JetStream for one test file: a free port on 127.0.0.1, its own store, ended by its own process id.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDirectory } from './temp-directory.ts';
import { until } from './until.ts';

export type NatsServer = {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: as a crash would. The store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store. */
  start(): Promise<void>;
  /** Ends it and removes the store. */
  stop(): Promise<void>;
};

const START_MS = 10_000;
const PLACES = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server'];

function findNatsServer(): string | undefined {
  return Bun.which('nats-server') ?? PLACES.find((place) => existsSync(place));
}

/**
 * Whether tests of the real server can run here. Says so once when they cannot.
 * @throws when it is missing and CI is true: there it may not be left out.
 */
export function natsServerAvailable(): boolean {
  if (findNatsServer() !== undefined) return true;
  const missing = 'no nats-server found (Debian: apt-get install nats-server)';
  if (process.env.CI === 'true') throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
  return false;
}

export async function startNatsServer(): Promise<NatsServer> {
  const binary = findNatsServer();
  if (binary === undefined) throw new Error('no nats-server found: ask natsServerAvailable() first');
  const directory = await makeTempDirectory();
  const config = join(directory.path, 'nats.conf');
  let running = await launch(binary, config, directory.path, -1);
  const port = await listeningPort(running.output);

  return {
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running.process.pid;
    },
    kill: async () => {
      running.process.kill('SIGKILL');
      await running.process.exited;
    },
    start: async () => {
      running = await launch(binary, config, directory.path, port);
      await listeningPort(running.output);
    },
    stop: async () => {
      running.process.kill('SIGKILL');
      await running.process.exited;
      await directory.remove();
    },
  };
}

type Running = { process: Bun.Subprocess<'ignore', 'ignore', 'pipe'>; output(): string };

async function launch(binary: string, config: string, folder: string, port: number): Promise<Running> {
  await writeFile(config, configuration(folder, port, await knowsSyncInterval(binary)));
  const child = Bun.spawn([binary, '-c', config], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  let output = '';
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of child.stderr) output += decoder.decode(chunk, { stream: true });
  })();
  return { process: child, output: () => output };
}

function configuration(folder: string, port: number, syncInterval: boolean): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    'jetstream {',
    `  store_dir: "${join(folder, 'jetstream')}"`,
    '  max_mem: 64MB',
    '  max_file: 4GB',
    // Every message on disk before it is acknowledged. Older servers can only be told to flush now and then.
    syncInterval ? '  sync_interval: always' : '',
    '}',
    '',
  ].join('\n');
}

/** The option came with 2.10; before, it stops the server. */
async function knowsSyncInterval(binary: string): Promise<boolean> {
  const child = Bun.spawn([binary, '--version'], { stdout: 'pipe', stderr: 'ignore' });
  const found = /v(\d+)\.(\d+)/.exec(await new Response(child.stdout).text());
  return Number(found?.[1]) > 2 || Number(found?.[2]) >= 10;
}

async function listeningPort(output: () => string): Promise<number> {
  await until(() => output().includes('Server is ready'), { timeoutMs: START_MS, what: 'nats-server' }).catch(
    (cause) => {
      throw new Error(`nats-server did not start:\n${output()}`, { cause });
    },
  );
  return Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(output())?.[1]);
}
