// Runs one service alone, on the cluster substrate: what services/*/main.ts calls.
import type { ServiceName } from '@hakiri/contracts/http';
import { openCluster } from '@hakiri/substrate/cluster/open';
import { ConfigError, choiceSetting, type Environment, integerSetting, textSetting } from './config.ts';
import { createDeps, type ServiceDeps } from './deps.ts';
import { listen } from './host.ts';
import { endWithProcess, startAll } from './lifecycle.ts';
import { createLogger, LOG_LEVELS } from './logger.ts';
import type { Service } from './service.ts';

/**
 * Settings of every service: HAKIRI_NATS_URL, HAKIRI_BLOBS (a directory that all share), HAKIRI_DATA (a directory of its own
 * for the service's database), HAKIRI_HOST, HAKIRI_PORT, HAKIRI_LOG.
 */
export async function runService(
  name: ServiceName,
  env: Environment,
  make: (deps: ServiceDeps) => Promise<Service> | Service,
): Promise<void> {
  const logger = createLogger(choiceSetting(env, 'HAKIRI_LOG', LOG_LEVELS, 'info')).child({ service: name });
  try {
    const substrate = await openCluster({
      name,
      natsUrl: textSetting(env, 'HAKIRI_NATS_URL'),
      blobDirectory: textSetting(env, 'HAKIRI_BLOBS'),
      databaseDirectory: textSetting(env, 'HAKIRI_DATA'),
    });
    const deps = createDeps(substrate, name, logger);
    const service = await make(deps);
    const host = listen([service], {
      hostname: textSetting(env, 'HAKIRI_HOST', '127.0.0.1'),
      port: integerSetting(env, 'HAKIRI_PORT', { fallback: 0, min: 0, max: 65_535 }),
    });
    const group = await startAll(
      [
        { name: 'substrate', start: async () => {}, stop: () => substrate.close() },
        service,
        { name: 'guard', start: deps.guard.start, stop: deps.guard.stop },
        { name: 'http', start: async () => {}, stop: () => host.stop() },
      ],
      logger,
    );
    endWithProcess(group, logger);
    logger.info('listening', { url: host.url });
  } catch (error) {
    logger.error('start_failed', { error: error instanceof Error ? error.message : String(error) });
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}
