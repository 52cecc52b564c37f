// The bus over a real nats-server keeps its port's contract.
import { afterAll, beforeAll, describe } from 'bun:test';
import { busContract } from '@hakiri/testing/bus-contract';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { openNatsBus } from './bus.ts';
import { connectNats } from './connection.ts';

const available = natsServerAvailable();

describe.skipIf(!available)('nats', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.stop());

  async function open() {
    const connection = await connectNats(server.url, 'test');
    const onError = (error: unknown) => {
      throw error;
    };
    return { connection, bus: await openNatsBus(connection, { replicas: 1, onError }) };
  }

  busContract('nats', async () => {
    let opened = await open();
    const close = async () => {
      await opened.bus.close();
      await opened.connection.close();
    };
    return {
      bus: opened.bus,
      reopen: async () => {
        await close();
        opened = await open();
        return opened.bus;
      },
      close,
    };
  });
});
