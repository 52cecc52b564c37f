// `npm start`: everything in one process.
import { announcement } from '@hakiri/launch/announce';
import { OPTIONS_HELP, readOptions, UsageError } from '@hakiri/launch/options';
import { endWithProcess } from '@hakiri/service/lifecycle';
import { readConfig } from '@hakiri/sync/config';
import { startEmbedded } from './embedded.ts';

const HELP = `npm start [-- options]: hakiri-control, all four services in one process\n\n${OPTIONS_HELP}`;

// Keys and tokens lie below the data directory: nobody else may read what this process makes.
process.umask(0o077);

try {
  const options = readOptions(Bun.argv.slice(2), process.env);
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
  } else {
    const embedded = await startEmbedded({ ...options, sync: readConfig(process.env) });
    endWithProcess(embedded, embedded.logger);
    const { logger: _, stop: __, ...ready } = embedded;
    process.stdout.write(`${announcement(ready, { json: options.json, startedInMs: performance.now() })}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
