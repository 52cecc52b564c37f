// The bus over a real nats-server: its port's contract, and the bound of its stream.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { STREAM } from '@hakiri/contracts/subjects';
import { busContract } from '@hakiri/testing/bus-contract';
import { type NatsServer, natsServerAvailable, startNatsServer } from '@hakiri/testing/nats-server';
import { DiscardPolicy } from 'nats';
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

  test('[CL6] the stream has a bound; full, it refuses more and keeps what it has', async () => {
    const { bus, connection } = await open();
    const { streams } = await connection.nats.jetstreamManager();
    const { config } = await streams.info(STREAM);
    expect([config.max_bytes, config.discard]).toEqual([1024 ** 3, DiscardPolicy.New]);

    await streams.purge(STREAM);
    await streams.update(STREAM, { max_bytes: 64 * 1024 });
    const body = new Uint8Array(20 * 1024);
    for (const id of ['1', '2', '3']) await bus.enqueue('hakiri.queue.full', id, body);
    await expect(bus.enqueue('hakiri.queue.full', '4', body)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('is full'),
    });
    expect((await streams.info(STREAM)).state.messages).toBe(3);

    await streams.update(STREAM, { max_bytes: config.max_bytes });
    expect(await bus.enqueue('hakiri.queue.full', '4', body)).toEqual({ duplicate: false });
    await bus.close();
    await connection.close();
  });
});
