// A real nats-server with a store of its own for one test file.
import {
  findNatsServer,
  type LocalNatsServer,
  startLocalNatsServer,
} from '@hakiri/substrate/nats/local-server';
import { makeTempDirectory } from './temp-directory.ts';

export type NatsServer = LocalNatsServer;

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

/** `stop` removes the store, too. */
export async function startNatsServer(): Promise<NatsServer> {
  const directory = await makeTempDirectory();
  const server = await startLocalNatsServer(directory.path);
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    exited: server.exited,
    kill: server.kill,
    start: server.start,
    stop: async () => {
      await server.stop();
      await directory.remove();
    },
  };
}
