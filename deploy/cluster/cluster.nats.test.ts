// What a cluster leaves behind when it cannot start, or is killed: nothing.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { natsServerAvailable } from '@hakiri/testing/nats-server';
import { makeTempDirectory, type TempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { type Cluster, startCluster } from './cluster.ts';

const SLOW_MS = 120_000;
/** Four services, the node, nats-server. */
const PROCESSES = 6;

/** Who has `path` in its command or in its environment. */
async function processesOn(path: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const named = await Promise.all(
    pids.map(async (pid) => {
      const told = ['cmdline', 'environ'].map((file) =>
        readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
      );
      return (await Promise.all(told)).some((text) => text.includes(path)) ? [Number(pid)] : [];
    }),
  );
  return named.flat().filter((pid) => pid !== process.pid);
}

async function serversOn(path: string): Promise<number[]> {
  const pids = await processesOn(path);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => names[index]?.startsWith('nats-server'));
}

describe.skipIf(!natsServerAvailable() || !existsSync('/proc'))('a cluster that does not come to be', () => {
  let directory: TempDirectory;
  beforeEach(async () => {
    directory = await makeTempDirectory();
  });
  afterEach(() => directory.remove());

  function start(port: number, filesDir = join(directory.path, 'files')): Promise<Cluster> {
    const dataDir = join(directory.path, 'data');
    return startCluster({
      dataDir,
      filesDir,
      hostname: '127.0.0.1',
      port,
      logLevel: 'silent',
      stepDelayMs: 0,
    });
  }

  test('a port that is taken is named, and nothing was started', async () => {
    const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    await expect(start(taken.port)).rejects.toThrow(`Is port ${taken.port} in use?`);
    taken.stop(true);
    expect(await processesOn(directory.path)).toEqual([]);
    expect(existsSync(join(directory.path, 'data'))).toBe(false);
  });

  test(
    'a start that fails at its last step stops what it had started; the next one works, alone, and brings nats-server back',
    async () => {
      const blocked = join(directory.path, 'blocked');
      await writeFile(blocked, 'a file where a folder belongs');
      await expect(start(0, blocked)).rejects.toThrow(/EEXIST|ENOTDIR/);
      expect(await processesOn(directory.path)).toEqual([]);

      const cluster = await start(0);
      expect((await processesOn(directory.path)).length).toBeGreaterThanOrEqual(PROCESSES);
      await expect(start(0)).rejects.toThrow(/Another process/);
      expect((await fetch(`${cluster.url}/readyz`)).status).toBe(200);
      const [nats] = await serversOn(directory.path);
      process.kill(nats ?? 0, 'SIGKILL');
      await until(async () => (await serversOn(directory.path)).some((pid) => pid !== nats));
      await until(async () => (await fetch(`${cluster.url}/readyz`)).ok);
      await cluster.stop();
      expect(await processesOn(directory.path)).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    'a launcher that is killed takes its processes along',
    async () => {
      const launcher = Bun.spawn(
        [
          process.execPath,
          join(import.meta.dir, 'main.ts'),
          ...['--json', '--port', '0', '--data', join(directory.path, 'data'), '--log', 'silent'],
        ],
        { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' },
      );
      await launcher.stdout.getReader().read();
      expect((await processesOn(directory.path)).length).toBeGreaterThan(PROCESSES);
      launcher.kill('SIGKILL');
      await launcher.exited;
      await until(async () => (await processesOn(directory.path)).length === 0);
    },
    SLOW_MS,
  );
});
