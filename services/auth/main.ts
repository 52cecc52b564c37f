// Auth alone, over NATS.
import { runService } from '@hakiri/service/run';
import { readConfig } from './config.ts';
import { createAuth } from './service.ts';

const { env } = process;
await runService('auth', env, (deps) => createAuth(deps, readConfig(env)));
