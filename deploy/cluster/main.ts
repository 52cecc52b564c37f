// `npm run cluster`: four processes over NATS on this machine. Its data is apart from that of `npm start`: the two keep the
// same things in different stores.
import { join } from 'node:path';
import { announcement } from '@hakiri/launch/announce';
import { OPTIONS_HELP, readOptions, UsageError } from '@hakiri/launch/options';
import { startCluster } from './cluster.ts';

const HELP = `npm run cluster [-- options]: the four services as processes over nats-server, behind one address

${OPTIONS_HELP}

  HAKIRI_NATS_URL names a NATS server with JetStream; without it nats-server is started from the PATH (Debian: apt-get install nats-server).`;

// Keys and tokens lie below the data directory: nobody else may read what this process makes.
process.umask(0o077);

try {
  const options = readOptions(Bun.argv.slice(2), process.env);
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
  } else {
    const natsUrl = process.env.HAKIRI_NATS_URL;
    const {
      services: _,
      node: __,
      stop,
      ...ready
    } = await startCluster({
      ...options,
      dataDir: join(options.dataDir, 'cluster'),
      ...(natsUrl ? { natsUrl } : {}),
    });
    const end = (): void => void stop().finally(() => process.exit(0));
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    process.stdout.write(`${announcement(ready, { json: options.json, startedInMs: performance.now() })}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
