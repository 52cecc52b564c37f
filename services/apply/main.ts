// Apply alone, over NATS.
import { runService } from '@hakiri/service/run';
import { readConfig } from './config.ts';
import { createApply } from './service.ts';

const { env } = process;
await runService('apply', env, (deps) => createApply(deps, readConfig(env)));
