// The host and the app of every service: routing by path, problems for whatever goes wrong, health and metrics.
import { afterAll, expect, test } from 'bun:test';
import { DocId } from '@hakiri/contracts/names';
import { ProblemError } from '@hakiri/contracts/problem';
import { openClient } from '@hakiri/substrate/libsql/database';
import { cpuMs } from '@hakiri/testing/cpu-time';
import { Type } from '@sinclair/typebox';
import { createApp } from './app.ts';
import { listen } from './host.ts';
import { silentLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { Service } from './service.ts';

let ready: string | undefined = 'the moon';
const metrics = createMetrics('apply');
const app = createApp('apply', { logger: silentLogger })
  .get('/v1/manifest/refused', () => {
    throw new ProblemError('denied', 'You may not. Ask an owner.');
  })
  .get('/v1/manifest/broken', () => {
    throw new Error('a secret detail');
  })
  .post('/v1/manifest/full', async () => {
    const client = await openClient('file::memory:');
    try {
      await client.executeMultiple('CREATE TABLE t (b BLOB); PRAGMA max_page_count = 10;');
      await client.execute('INSERT INTO t VALUES (randomblob(100000))');
    } catch (cause) {
      throw new Error('the query failed', { cause });
    } finally {
      client.close();
    }
  })
  .post('/v1/manifest/named', ({ body }) => body, { body: Type.Object({ doc: DocId }) })
  .post('/v1/manifest/echo', ({ body }) => body, { body: Type.Object({ text: Type.String() }) });
const service: Service = {
  name: 'apply',
  metrics,
  fetch: async (request) => app.handle(request),
  start: async () => {},
  notReady: () => ready,
  stop: async () => {},
};
const host = listen([service], { hostname: '127.0.0.1', port: 0, fallback: () => new Response('the page') });
afterAll(() => host.stop());

const post = (body: string, contentType = 'application/json') =>
  fetch(`${host.url}/v1/manifest/echo`, { method: 'POST', body, headers: { 'content-type': contentType } });

test('a path of a service goes to it, a service that is not here is said, the rest is the page', async () => {
  expect(await (await post('{"text":"hi"}')).json()).toEqual({ text: 'hi' });
  expect((await fetch(`${host.url}/v1/auth/me`)).status).toBe(404);
  expect(await (await fetch(`${host.url}/anything`)).text()).toBe('the page');
});

test('whatever goes wrong is a problem with a stable code, and a bug tells nothing of itself', async () => {
  const refused = await fetch(`${host.url}/v1/manifest/refused`);
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect(await refused.json()).toMatchObject({
    status: 403,
    code: 'denied',
    detail: 'You may not. Ask an owner.',
  });
  const broken = await fetch(`${host.url}/v1/manifest/broken`);
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain('secret');
  expect(await (await fetch(`${host.url}/v1/manifest/nowhere`)).json()).toMatchObject({
    status: 404,
    code: 'not_found',
  });
});

test('a body that does not parse or does not fit is malformed, and says where', async () => {
  expect(await (await post('{')).json()).toMatchObject({ status: 400, code: 'malformed' });
  expect(await (await post('{"text":1}')).json()).toMatchObject({
    status: 400,
    code: 'malformed',
    detail: expect.stringContaining('/text'),
  });
});

test('ready is said when it is', async () => {
  expect((await fetch(`${host.url}/healthz`)).status).toBe(200);
  const waiting = await fetch(`${host.url}/readyz`);
  expect(waiting.status).toBe(503);
  expect(await waiting.json()).toEqual({
    status: 'waiting',
    waiting: [{ service: 'apply', waitingFor: 'the moon' }],
  });
  ready = undefined;
  expect((await fetch(`${host.url}/readyz`)).status).toBe(200);
});

test('metrics count requests by status, and the API describes itself', async () => {
  const text = await (await fetch(`${host.url}/metrics`)).text();
  expect(text).toMatch(/hakiri_apply_http_request_seconds_count\{status="403"\} 1/);
  expect(text).toMatch(/hakiri_apply_http_request_seconds_count\{status="200"\} \d+/);
  const document = await (await fetch(`${host.url}/openapi/apply.json`)).json();
  expect(Object.keys(document.paths)).toContain('/v1/manifest/echo');
});

test('a deeply nested or a long body is refused at once', async () => {
  const numbers = JSON.stringify(Array.from({ length: 1_000_000 }, (_, index) => index));
  const begun = cpuMs();
  for (const depth of [1_000, 24_000, 200_000]) {
    const answer = await post('['.repeat(depth) + ']'.repeat(depth));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'malformed' });
  }
  const flat = await post(numbers);
  expect(flat.status).toBe(400);
  // Seconds, before there was a bound.
  expect(cpuMs() - begun).toBeLessThan(2_000);
});

test('[SY11.32] a body over 8 MiB is refused with a problem', async () => {
  const answer = await fetch(`${host.url}/v1/manifest/echo`, {
    method: 'POST',
    body: new Uint8Array(9_000_000),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await answer.json()).toMatchObject({ status: 413, code: 'too_large' });
});

test('[SY11.32] so is one of 20 MiB, and one that does not say its length, as soon as it is over', async () => {
  const huge = await fetch(`${host.url}/v1/manifest/echo`, {
    method: 'POST',
    body: new Uint8Array(20 << 20),
  });
  expect(huge.headers.get('content-type')).toContain('application/problem+json');
  expect(await huge.json()).toMatchObject({ status: 413, code: 'too_large' });
  const chunked = async (body: string) => {
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const head = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
    return rawRequest(`POST /v1/manifest/echo HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}${chunk}`);
  };
  // Of two lengths the one that comes counts, or neither is believed.
  const both = 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
  const long9 = `${(9_000_000).toString(16)}\r\n${'x'.repeat(9_000_000)}\r\n0\r\n\r\n`;
  expect(await rawRequest(`POST /v1/manifest/echo HTTP/1.1\r\nHost: 127.0.0.1\r\n${both}${long9}`)).toMatch(
    /^HTTP\/1\.1 4/,
  );
  expect(await chunked('{"text":"hi"}')).toEndWith('{"text":"hi"}');
  expect(await chunked(JSON.stringify({ text: 'x'.repeat(9_000_000) }))).toContain('"code":"too_large"');
  let sent = 0;
  const long = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1;
      if (sent > 64) controller.close();
      else controller.enqueue(new Uint8Array(1 << 20));
    },
  });
  const streamed = await fetch(`${host.url}/v1/manifest/echo`, { method: 'POST', body: long });
  expect(await streamed.json()).toMatchObject({ status: 413, code: 'too_large' });
});

test('[SY14.11] what does not fit a pattern is told in words what it may be made of', async () => {
  const answer = await fetch(`${host.url}/v1/manifest/named`, {
    method: 'POST',
    body: JSON.stringify({ doc: 'Fin 3' }),
    headers: { 'content-type': 'application/json' },
  });
  expect(await answer.json()).toMatchObject({
    code: 'malformed',
    detail: `/doc: expected ${DocId.description}`,
  });
});

test('[SY2.16] a disk without room is said, whatever wrapped the error', async () => {
  const answer = await fetch(`${host.url}/v1/manifest/full`, { method: 'POST' });
  expect(await answer.json()).toMatchObject({ status: 507, code: 'storage_full' });
});

test('a Host header that names nothing is malformed, and tells nothing of the server', async () => {
  for (const name of ['a b', '[', '', 'x']) {
    const answer = await rawRequest(
      `GET /v1/manifest/refused HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 (400|403|404)/);
    expect(answer).not.toContain('host.ts');
    expect(answer.length).toBeLessThan(2_000);
  }
});

function rawRequest(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    let rest = Buffer.from(text);
    const send = (socket: { write(bytes: Uint8Array): number }): void => {
      rest = rest.subarray(Math.max(0, socket.write(rest)));
    };
    void Bun.connect({
      hostname: '127.0.0.1',
      port: host.port,
      socket: {
        open: (socket) => send(socket),
        drain: (socket) => send(socket),
        data: (_, chunk) => {
          answer += chunk.toString();
        },
        close: () => resolve(answer),
        error: (_, error) => reject(error),
      },
    });
  });
}
