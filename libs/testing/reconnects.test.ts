// A stock client that is destroyed while it connects again must not fail whichever test runs then.
import { expect, test } from 'bun:test';
import { LoroWebsocketClient } from 'loro-websocket';
import { hearReconnects } from './reconnects.ts';
import { until } from './until.ts';

test('an attempt that ends with the client fails whoever waits for it, and nobody else', async () => {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('', { status: 400 })),
    websocket: { message: () => {} },
  });
  const client = new LoroWebsocketClient({ url: `ws://127.0.0.1:${server.port}` });
  hearReconnects(client);
  await client.waitConnected();
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', hear);
  client.close();
  void client.connect();
  const waiting = client.connect().catch((error: unknown) => error);
  client.destroy();
  expect(await waiting).toBeInstanceOf(Error);
  let turns = 0;
  await until(() => turns++ > 5);
  expect(unheard).toEqual([]);
  process.off('unhandledRejection', hear);
  await server.stop(true);
});
