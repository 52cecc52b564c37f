// A real nats-server with JetStream on 127.0.0.1, started as a child and ended by its own process id: for `npm run cluster`
// and for tests. Production runs its own servers; this is how they are to be set where they keep the only copy.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tether } from '../tether.ts';

export type LocalNatsServer = {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process that runs now has ended, whoever ended it. */
  exited(): Promise<void>;
  /** SIGKILL: as a crash would. The store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store. */
  start(): Promise<void>;
  /** Ends it; the store stays. */
  stop(): Promise<void>;
};

const START_LIMIT_MS = 30_000;
const POLL_MS = 10;
const PLACES = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server'];

export function findNatsServer(): string | undefined {
  return Bun.which('nats-server') ?? PLACES.find((place) => existsSync(place));
}

/** `directory` holds its configuration and its store. @throws when there is no nats-server, or it does not start. */
export async function startLocalNatsServer(directory: string): Promise<LocalNatsServer> {
  const binary = findNatsServer();
  if (binary === undefined)
    throw new Error('There is no nats-server on the PATH. Install it (Debian: apt-get install nats-server).');
  await mkdir(directory, { recursive: true });
  let running = await launch(binary, directory, -1);
  const port = await listeningPort(running);
  const kill = async (): Promise<void> => {
    running.process.kill('SIGKILL');
    await running.process.exited;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running.process.pid;
    },
    exited: async () => void (await running.process.exited),
    kill,
    start: async () => {
      running = await launch(binary, directory, port);
      await listeningPort(running);
    },
    stop: kill,
  };
}

type Running = { process: Bun.Subprocess<'ignore', 'ignore', 'pipe'>; output(): string };

async function launch(binary: string, directory: string, port: number): Promise<Running> {
  const config = join(directory, 'nats.conf');
  await writeFile(config, configuration(directory, port, await knowsSyncInterval(binary)));
  const child = Bun.spawn([binary, '-c', config], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' });
  tether(child);
  let output = '';
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of child.stderr) {
      // What it says while it starts is all that is ever read.
      if (output.length < 64 * 1024) output += decoder.decode(chunk, { stream: true });
    }
  })();
  return { process: child, output: () => output };
}

function configuration(directory: string, port: number, syncInterval: boolean): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    'jetstream {',
    `  store_dir: "${join(directory, 'jetstream')}"`,
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

async function listeningPort({ process, output }: Running): Promise<number> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!output().includes('Server is ready')) {
    if (performance.now() > deadline || process.exitCode !== null)
      throw new Error(`nats-server did not start:\n${output()}`);
    await Bun.sleep(POLL_MS);
  }
  return Number(/client connections on 127\.0\.0\.1:(\d+)/.exec(output())?.[1]);
}
