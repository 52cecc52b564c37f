// Runs one service alone, on the cluster substrate: what services/*/main.ts calls.
import type { ServiceName } from '@hakiri/contracts/http';
import { openCluster } from '@hakiri/substrate/cluster/open';
import { startServices } from './compose.ts';
import { ConfigError, choiceSetting, type Environment, integerSetting, textSetting } from './config.ts';
import { createDeps, type ServiceDeps } from './deps.ts';
import { endWithProcess } from './lifecycle.ts';
import { createLogger, LOG_LEVELS } from './logger.ts';
import type { Service } from './service.ts';
import { blobPlace, databasePlace, openBlobs } from './stores.ts';

/**
 * Settings of every service: HAKIRI_NATS_URL, HAKIRI_NATS_REPLICAS, HAKIRI_HOST, HAKIRI_PORT, HAKIRI_LOG, and those of its stores
 * (stores.ts).
 */
export async function runService(
  name: ServiceName,
  env: Environment,
  make: (deps: ServiceDeps) => Promise<Service> | Service,
): Promise<void> {
  // Keys and configuration lie in these directories: nobody else may read what this process makes.
  process.umask(0o077);
  const logger = createLogger(choiceSetting(env, 'HAKIRI_LOG', LOG_LEVELS, 'info')).child({ service: name });
  try {
    // Everything is read before anything is reached: a wrong setting is said at once.
    const natsUrl = textSetting(env, 'HAKIRI_NATS_URL');
    const place = blobPlace(env);
    const database = databasePlace(env);
    const replicas = integerSetting(env, 'HAKIRI_NATS_REPLICAS', { fallback: 1, min: 1, max: 5 });
    const http = {
      hostname: textSetting(env, 'HAKIRI_HOST', '127.0.0.1'),
      port: integerSetting(env, 'HAKIRI_PORT', { fallback: 0, min: 0, max: 65_535 }),
    };
    logger.info('connecting', { nats: natsUrl.replaceAll(/\/\/[^@/]*@/g, '//') });
    const blobs = await openBlobs(place, logger);
    const substrate = await openCluster({ name, natsUrl, replicas, blobs, database });
    const deps = createDeps(substrate, name, logger);
    const service = await make(deps);
    const running = await startServices({
      substrate,
      services: [{ service, guard: deps.guard }],
      http,
      logger,
    });
    endWithProcess(running, logger);
    logger.info('listening', { url: running.url });
  } catch (error) {
    logger.error('start_failed', { error: error instanceof Error ? error.message : String(error) });
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}
