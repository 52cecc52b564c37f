// Sync alone, over NATS.
import { runService } from '@hakiri/service/run';
import { readConfig } from './config.ts';
import { createSync } from './service.ts';

const { env } = process;
await runService('sync', env, (deps) => createSync(deps, readConfig(env)));
