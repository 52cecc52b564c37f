// The peers' packages stand beside the bench and not in the workspace: a root install leaves them out, a comparison installs
// them when it first needs them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const PEERS = join(import.meta.dir, '../peers');

/** Takes a minute where SQLite's binding has to be compiled. @throws when npm fails. */
export async function installPeers(): Promise<void> {
  if (existsSync(join(PEERS, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) return;
  process.stderr.write('installing the peers (npm ci in bench/peers)…\n');
  const child = Bun.spawn(['npm', 'ci', '--no-audit', '--no-fund'], {
    cwd: PEERS,
    stdout: 'ignore',
    stderr: 'inherit',
  });
  if ((await child.exited) !== 0) throw new Error('npm ci failed in bench/peers: see above');
}
