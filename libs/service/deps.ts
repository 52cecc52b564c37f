// What the shell of every service is given. A core never sees it; a service takes what it needs by name.
import type { ServiceName } from '@hakiri/contracts/http';
import type { Substrate } from '@hakiri/substrate/substrate';
import { createGuard, type Guard } from './guard.ts';
import type { Logger } from './logger.ts';
import { createMessaging, type Messaging } from './messaging.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export type ServiceDeps = Omit<Substrate, 'close'> & {
  messaging: Messaging;
  guard: Guard;
  logger: Logger;
  metrics: Metrics;
};

export function createDeps(substrate: Substrate, name: ServiceName, logger: Logger): ServiceDeps {
  const { close: _, ...ports } = substrate;
  const messaging = createMessaging({ ...ports, logger });
  const guard = createGuard({ ...ports, messaging, logger, service: name });
  return { ...ports, messaging, guard, logger, metrics: createMetrics(name) };
}
