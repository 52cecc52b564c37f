// Runs one node alone; its settings are in config.ts.
import { ConfigError } from '@hakiri/service/config';
import { endWithProcess, startAll } from '@hakiri/service/lifecycle';
import { createLogger, errorFields } from '@hakiri/service/logger';
import { readNodeConfig } from './config.ts';
import { createNode } from './node.ts';

try {
  const config = readNodeConfig(process.env);
  const logger = createLogger(config.logLevel).child({ node: config.name });
  const node = createNode({ ...config, logger });
  endWithProcess(await startAll([{ name: 'node', ...node }], logger), logger);
  logger.info('started', { url: config.url });
} catch (error) {
  createLogger('error').error('start_failed', errorFields(error));
  process.exit(error instanceof ConfigError ? 2 : 1);
}
