import { afterEach, expect, test } from 'bun:test';
import type { ServiceName } from '@hakiri/contracts/http';
import { until } from '@hakiri/testing/until';
import { type Composed, startServices } from './compose.ts';
import type { Guard } from './guard.ts';
import { silentLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { Service, SocketData } from './service.ts';

const running: Composed[] = [];
afterEach(async () => {
  for (const composed of running.splice(0)) await composed.stop();
});

/** A service that writes down what happens to it, holds one answer until it is stopped, and one socket. */
function createRecorder(log: string[], name: ServiceName = 'apply') {
  let finish: (response: Response) => void = () => {};
  let socketOpen = false;
  const data: SocketData = {
    open: () => {
      socketOpen = true;
    },
    message: () => {},
    drain: () => {},
    close: (code) => void log.push(`socket closed ${code}`),
  };
  const service: Service = {
    name,
    metrics: createMetrics(name),
    fetch: (request, server) => {
      if (server.upgrade(request, { data })) return Promise.resolve(undefined);
      if (request.url.endsWith('/now')) return Promise.resolve(new Response('now'));
      log.push('waiting');
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    start: async () => void log.push('service started'),
    notReady: () => undefined,
    stop: async () => {
      log.push(
        `service stopped, socket ${socketOpen && !log.some((line) => line.startsWith('socket closed')) ? 'open' : 'gone'}`,
      );
      finish(new Response('finished'));
    },
  };
  return service;
}

const guardOf = (log: string[]) =>
  ({ start: async () => {}, stop: async () => void log.push('guard stopped') }) satisfies Pick<
    Guard,
    'start' | 'stop'
  >;

async function compose(log: string[], service = createRecorder(log)): Promise<Composed> {
  const composed = await startServices({
    substrate: { close: async () => void log.push('substrate closed') },
    services: [{ service, guard: guardOf(log) }],
    http: { hostname: '127.0.0.1', port: 0 },
    logger: silentLogger,
  });
  running.push(composed);
  return composed;
}

test('what is under way is answered, sockets outlive their service, the substrate goes last', async () => {
  const log: string[] = [];
  const composed = await compose(log);
  const socket = new WebSocket(`${composed.url.replace('http', 'ws')}/v1/manifest/socket`);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const waiting = fetch(`${composed.url}/v1/manifest/later`);
  await until(() => log.includes('waiting'));
  await running.pop()?.stop();
  expect(await (await waiting).text()).toBe('finished');
  const order = log.filter((line) => !line.startsWith('socket closed') && line !== 'waiting');
  expect(order).toEqual([
    'service started',
    'guard stopped',
    'service stopped, socket open',
    'substrate closed',
  ]);
});

test('while it stops, new requests are told to come again', async () => {
  const log: string[] = [];
  const service = createRecorder(log);
  const composed = await compose(log, service);
  let during: Response | undefined;
  const stop = service.stop;
  service.stop = async () => {
    during = await fetch(`${composed.url}/v1/manifest/now`);
    await stop();
  };
  await running.pop()?.stop();
  expect(during?.status).toBe(503);
  expect(await during?.json()).toMatchObject({ code: 'unavailable' });
});

test('a part that does not start leaves nothing running', async () => {
  const log: string[] = [];
  const service = { ...createRecorder(log), start: () => Promise.reject(new Error('no')) };
  await expect(compose(log, service)).rejects.toThrow('no');
  expect(log).toContain('substrate closed');
});

test('a port that is taken is an error that leaves nothing running', async () => {
  const first = await compose([]);
  const log: string[] = [];
  const taken = startServices({
    substrate: { close: async () => void log.push('substrate closed') },
    services: [{ service: createRecorder(log), guard: guardOf(log) }],
    http: { hostname: '127.0.0.1', port: Number(new URL(first.url).port) },
    logger: silentLogger,
  });
  await expect(taken).rejects.toThrow();
  expect(log).toEqual(['substrate closed']);
});
