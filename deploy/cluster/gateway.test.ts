// The gateway's pipe between two sockets: what closes one closes the other, and neither side may fill its memory.
import { afterEach, describe, expect, test } from 'bun:test';
import { SERVICE_NAMES } from '@hakiri/contracts/http';
import { until } from '@hakiri/testing/until';
import { startGateway, type Upstreams } from './gateway.ts';

const FRAME_BYTES = 128 * 1024;
/** More than the gateway's bound and all buffers of the system on the way. */
const FLOOD_FRAMES = 400;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function gatewayTo(port: number | undefined): string {
  const upstreams = Object.fromEntries(
    SERVICE_NAMES.map((name) => [name, `http://127.0.0.1:${port}`]),
  ) as Upstreams;
  const page = () => new Response('page');
  const gateway = startGateway({ hostname: '127.0.0.1', port: 0, upstreams, page });
  closing.push(() => gateway.stop());
  return `${gateway.url.replace('http', 'ws')}/v1/sync`;
}

function connect(url: string): WebSocket {
  const socket = new WebSocket(url);
  closing.push(() => socket.close());
  return socket;
}

const closed = (socket: WebSocket): Promise<CloseEvent> =>
  new Promise((resolve) => {
    socket.onclose = resolve;
  });

describe('what the upstream closes with reaches the client', () => {
  const codes = [
    ...[1000, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 4999].map((code) => [code, code]),
    // Gone, or never sent: the way back is to come again.
    ...[1001, 1005, 1006, 1015].map((code) => [code, 1012]),
  ] as const;
  test.each(codes)('%i as %i', async (sent, received) => {
    const upstream = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null)),
      websocket: {
        open: (socket) => {
          if (sent === 1006) socket.terminate();
          else socket.close(sent, 'why');
        },
        message: () => {},
      },
    });
    closing.push(() => upstream.stop(true));
    const { code, reason } = await closed(connect(gatewayTo(upstream.port)));
    expect(code).toBe(received);
    if (received === sent) expect(reason).toBe('why');
  });

  test('nobody there: come again', async () => {
    const upstream = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    upstream.stop(true);
    expect((await closed(connect(gatewayTo(upstream.port)))).code).toBe(1012);
  });
});

/** Speaks the handshake and then never reads again. */
function deafUpstream(): number {
  const server = Bun.listen<{ head: string }>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { head: '' };
      },
      data: (socket, bytes) => {
        socket.data.head += bytes.toString();
        const key = /sec-websocket-key: (\S+)/i.exec(socket.data.head)?.[1];
        if (key === undefined || !socket.data.head.includes('\r\n\r\n')) return;
        const accept = new Bun.CryptoHasher('sha1')
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        socket.pause();
      },
    },
  });
  closing.push(() => server.stop(true));
  return server.port;
}

test('an upstream that does not read: the client is sent away before its frames pile up', async () => {
  const socket = connect(gatewayTo(deafUpstream()));
  const end = closed(socket);
  await until(() => socket.readyState === WebSocket.OPEN);
  const frame = new Uint8Array(FRAME_BYTES);
  for (let at = 0; at < FLOOD_FRAMES && socket.readyState === WebSocket.OPEN; at += 1) {
    socket.send(frame);
    await new Promise((next) => setImmediate(next));
  }
  expect((await end).code).toBe(1013);
});

test('a client that does not read: its upstream is let go before frames pile up', async () => {
  const gone = Promise.withResolvers<void>();
  let sent = 0;
  const upstream = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null)),
    websocket: {
      open: (socket) => {
        const flood = (): void => {
          if (sent >= FLOOD_FRAMES || socket.readyState !== WebSocket.OPEN) return;
          socket.send(new Uint8Array(FRAME_BYTES));
          sent += 1;
          setImmediate(flood);
        };
        flood();
      },
      message: () => {},
      close: () => gone.resolve(),
    },
  });
  closing.push(() => upstream.stop(true));
  const { host } = new URL(gatewayTo(upstream.port));
  const client = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(host.split(':')[1]),
    socket: { data: () => {} },
  });
  closing.push(() => client.terminate());
  client.write(
    `GET /v1/sync HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`,
  );
  client.pause();
  await gone.promise;
  expect(sent).toBeGreaterThan(0);
});
