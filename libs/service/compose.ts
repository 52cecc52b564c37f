// Puts services on a substrate and a port, in the one order in which all of them start and stop, alone or together: what they
// stand on comes first and goes last, requests are let in last and refused first, sockets live until their service has let go.
import { present } from '@hakiri/base/assert';
import type { Substrate } from '@hakiri/substrate/substrate';
import type { Guard } from './guard.ts';
import { type Fallback, type Host, listen } from './host.ts';
import { type Part, startAll } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';

export type Composed = { url: string; stop(): Promise<void> };

export async function startServices(options: {
  substrate: Pick<Substrate, 'close'>;
  services: readonly { service: Service; guard: Pick<Guard, 'start' | 'stop'> }[];
  http: { hostname: string; port: number; fallback?: Fallback };
  logger: Logger;
}): Promise<Composed> {
  const { substrate, logger } = options;
  const services = options.services.map(({ service }) => service);
  const guards = options.services.map(
    ({ service, guard }): Part => ({
      name: `guard of ${service.name}`,
      start: () => guard.start(),
      stop: () => guard.stop(),
    }),
  );
  let host: Host | undefined;
  const group = await startAll(
    [
      { name: 'substrate', start: async () => {}, stop: () => substrate.close() },
      {
        name: 'http',
        start: async () => {
          host = listen(services, { ...options.http, closed: true });
        },
        stop: async () => host?.stop(),
      },
      // Services before guards: auth answers what the others' guards ask.
      ...services,
      ...guards,
      { name: 'doors', start: async () => host?.open(), stop: async () => host?.refuse() },
    ],
    logger,
  );
  return { url: present(host, 'http has started').url, stop: group.stop };
}
