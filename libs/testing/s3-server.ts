// A real S3 server for tests: Ceph's gateway (radosgw) over a monitor and one in-memory store, on 127.0.0.1 and free ports.
// Slow to start (some three seconds), so one serves all tests of a file, each in a bucket of its own.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tether } from '@hakiri/substrate/tether';
import { Client } from 'minio';
import { freePorts } from './free-ports.ts';
import { makeTempDirectory } from './temp-directory.ts';

export type S3Server = {
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** A new bucket's name. */
  bucket(): Promise<string>;
  /** From now on no more objects than this in all buckets together: it is full. Takes half a minute after a `kill`. */
  limitObjects(count: number | undefined): Promise<void>;
  /** The gateway alone: objects stay. SIGSTOP and SIGCONT make it slow. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool'];
const START_ATTEMPTS = 3;
const START_LIMIT_MS = 60_000;
const POLL_MS = 100;
const OSD_MEMORY_BYTES = 1024 ** 3;

/**
 * Whether tests of the real server can run here. Says so once when they cannot.
 * @throws when it is missing and CI is true: there it may not be left out.
 */
export function s3ServerAvailable(): boolean {
  if (PROGRAMS.every((program) => Bun.which(program) ?? existsSync(`/usr/bin/${program}`))) return true;
  const missing = 'no radosgw found (Debian: apt-get install ceph-mon ceph-osd ceph-common radosgw)';
  if (process.env.CI === 'true') throw new Error(missing);
  process.stderr.write(`skipped: ${missing}\n`);
  return false;
}

export async function startS3Server(): Promise<S3Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce();
    } catch (error) {
      // A port that was free may be somebody else's by the time a daemon binds it.
      if (attempt === START_ATTEMPTS) throw error;
      process.stderr.write(`the S3 server did not start, once more: ${String(error)}\n`);
    }
  }
}

async function startOnce(): Promise<S3Server> {
  const directory = await makeTempDirectory();
  const at = (name: string): string => join(directory.path, name);
  const [monitor = 0, gateway = 0] = await freePorts(2);
  await Promise.all(['mon', 'osd', 'run'].map((name) => mkdir(at(name))));
  const fsid = crypto.randomUUID();
  await writeFile(at('ceph.conf'), configuration(directory.path, fsid, monitor, gateway));
  const config = ['-c', at('ceph.conf')];
  const children: Bun.Subprocess[] = [];
  const daemon = (command: string[]): Bun.Subprocess => {
    const child = Bun.spawn([...command, '-f'], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
    tether(child);
    children.push(child);
    return child;
  };
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exited));
    await directory.remove();
  };
  const [accessKey, secretKey] = ['test-access', `secret-${crypto.randomUUID()}`];
  try {
    await run([
      'monmaptool',
      '--create',
      '--addv',
      'a',
      `[v1:127.0.0.1:${monitor}]`,
      '--fsid',
      fsid,
      at('monmap'),
    ]);
    await run(['ceph-mon', ...config, '-i', 'a', '--mkfs', '--monmap', at('monmap')]);
    const mon = daemon(['ceph-mon', ...config, '-i', 'a']);
    await eventually(mon, () => run(['ceph', ...config, '--connect-timeout', '2', 'mon', 'stat']));
    const osd = crypto.randomUUID();
    await run(['ceph', ...config, 'osd', 'new', osd, '0']);
    await run(['ceph-osd', ...config, '-i', '0', '--mkfs', '--osd-uuid', osd]);
    const store = daemon(['ceph-osd', ...config, '-i', '0']);
    // What asks before may wait for ever.
    await eventually(store, async () => {
      const status = await run(['ceph', ...config, 'osd', 'stat']);
      if (!status.includes('1 up')) throw new Error(`the store is not up: ${status}`);
    });
    await run([
      ...['radosgw-admin', ...config, 'user', 'create', '--uid=test', '--display-name=test'],
      ...[`--access-key=${accessKey}`, `--secret-key=${secretKey}`],
    ]);
    let running: Bun.Subprocess;
    const start = async (): Promise<void> => {
      running = daemon(['radosgw', ...config, '-n', 'client.rgw.a']);
      await eventually(running, () => fetch(`http://127.0.0.1:${gateway}/`));
    };
    const kill = async (): Promise<void> => {
      running.kill('SIGKILL');
      await running.exited;
    };
    const client = new Client({
      endPoint: '127.0.0.1',
      port: gateway,
      useSSL: false,
      region: 'us-east-1',
      accessKey,
      secretKey,
    });
    await start();
    return {
      port: gateway,
      accessKey,
      secretKey,
      bucket: async () => {
        const name = `test-${crypto.randomUUID()}`;
        await client.makeBucket(name, 'us-east-1');
        return name;
      },
      limitObjects: async (count) => {
        const quota = (...args: string[]) =>
          run(['radosgw-admin', ...config, 'quota', ...args, '--uid=test', '--quota-scope=user']);
        if (count !== undefined) await quota('set', `--max-objects=${count}`);
        await quota(count === undefined ? 'disable' : 'enable');
      },
      signal: (signal) => running.kill(signal),
      kill,
      start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One store that keeps everything in memory, no authentication between the daemons. */
function configuration(directory: string, fsid: string, monitor: number, gateway: number): string {
  return `
[global]
fsid = ${fsid}
monmap = ${directory}/monmap
mon initial members = a
mon host = [v1:127.0.0.1:${monitor}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
auth supported = none
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail crit = 0
# There is one monitor, which waits for no other: each change, of which a start makes dozens, takes a second otherwise.
paxos propose interval = 0.01
paxos min wait = 0.01
osd pool default pg autoscale mode = off
admin socket = ${directory}/run/$name.asok
pid file =
log file =
log to stderr = false
run dir = ${directory}/run
setuser match path =
[mon]
mon data = ${directory}/mon
[osd]
osd data = ${directory}/osd
osd objectstore = memstore
memstore device bytes = ${2 * OSD_MEMORY_BYTES}
osd memory target = ${OSD_MEMORY_BYTES}
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:${gateway}
rgw thread pool size = 32
rgw run sync thread = false
rgw enable apis = s3, admin
`;
}

/** What it says. */
async function run(command: string[]): Promise<string> {
  // A command waits for ever for a daemon that is not there.
  const child = Bun.spawn(command, {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: START_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const [said, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${error.slice(0, 500)}`);
  return said;
}

/** Until `works` does not throw. @throws when the daemon ends, or it takes too long. */
async function eventually(daemon: Bun.Subprocess, works: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await works();
      return;
    } catch (error) {
      if (performance.now() > deadline || daemon.exitCode !== null || daemon.signalCode !== null) throw error;
      await Bun.sleep(POLL_MS);
    }
  }
}
