// Runs the scheduler alone: HAKIRI_NATS_URL, HAKIRI_BLOBS, HAKIRI_DATA, HAKIRI_PORT, and the settings in config.ts.
import { runService } from '@hakiri/service/run';
import { readConfig } from './config.ts';
import { createScheduler } from './service.ts';

await runService('scheduler', process.env, (deps) => createScheduler(deps, readConfig(process.env)));
