// What the shell of every service is given. A core never sees it; a service takes what it needs by name.
import type { Substrate } from '@hakiri/substrate/substrate';
import type { Guard } from './guard.ts';
import type { Logger } from './logger.ts';
import type { Messaging } from './messaging.ts';
import type { Metrics } from './metrics.ts';

export type ServiceDeps = Omit<Substrate, 'close'> & {
  messaging: Messaging;
  guard: Guard;
  logger: Logger;
  metrics: Metrics;
};
