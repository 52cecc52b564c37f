// `npm start`: everything in one process.
import { announcement } from '@hakiri/launch/announce';
import { OPTIONS_HELP, readOptions, UsageError } from '@hakiri/launch/options';
import { choiceSetting } from '@hakiri/service/config';
import { endWithProcess } from '@hakiri/service/lifecycle';
import { LOG_LEVELS } from '@hakiri/service/logger';
import { startEmbedded } from './embedded.ts';

const HELP = `npm start [-- options]: hakiri-control, all four services in one process\n\n${OPTIONS_HELP}`;

try {
  const options = readOptions(Bun.argv.slice(2), process.env);
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
  } else {
    const logLevel = choiceSetting({ log: options.logLevel }, 'log', LOG_LEVELS, 'warn');
    const embedded = await startEmbedded({ ...options, logLevel });
    endWithProcess(embedded, embedded.logger);
    const { logger: _, stop: __, ...ready } = embedded;
    process.stdout.write(`${announcement(ready, { json: options.json, startedInMs: performance.now() })}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
