// Leases over a real nats-server keep their port's contract.
import { afterAll, beforeAll, describe } from 'bun:test';
import { leaseContract } from '@hakiri/testing/lease-contract';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { type Connection, connectNats } from './connection.ts';
import { openNatsLease } from './lease.ts';

describe.skipIf(!natsServerAvailable())('nats', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  leaseContract('nats', async () => {
    const clock = createSimulatedClock();
    const connections: Connection[] = [];
    const open = async () => {
      const connection = await connectNats(server.url, 'test');
      connections.push(connection);
      return openNatsLease(connection, clock, 1);
    };
    return {
      lease: await open(),
      clock,
      reopen: open,
      close: async () => {
        for (const connection of connections) await connection.close();
      },
    };
  });
});
