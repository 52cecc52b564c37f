// Serves one or several services on one port: routes by path, answers /healthz, /readyz and /metrics, bounds what comes in.
import { serviceOf } from '@hakiri/contracts/http';
import { problem } from '@hakiri/contracts/problem';
import { systemClock } from '@hakiri/substrate/clock';
import { Registry } from 'prom-client';
import type { HttpServer, Service, SocketData } from './service.ts';

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** A loro-protocol message with its envelope; the protocol's own limit is 256 KiB. */
export const FRAME_LIMIT_BYTES = 256 * 1024 + 4096;
/** Past this a socket's peer cannot keep up; the service sees it by `send` and by `drain`. */
export const SOCKET_QUEUE_LIMIT_BYTES = 4 * 1024 * 1024;
const IDLE_TIMEOUT_S = 60;
const SOCKET_IDLE_TIMEOUT_S = 120;

/** What answers paths that no service owns: the page. */
export type Fallback = (request: Request) => Promise<Response> | Response;

export type Host = {
  url: string;
  port: number;
  /** Lets requests of services in; until then, and after `refuse`, they are answered 503. Health is always answered. */
  open(): void;
  /** Lets no more requests and sockets in; those that are here go on. */
  refuse(): void;
  /** Waits shortly for what is still under way, then ends it. */
  stop(): Promise<void>;
};

const FINISH_LIMIT_MS = 1_000;

export function listen(
  services: readonly Service[],
  options: { hostname: string; port: number; fallback?: Fallback; closed?: boolean },
): Host {
  const byName = new Map(services.map((service) => [service.name, { service, observe: observer(service) }]));
  let open = !options.closed;
  const server = Bun.serve<SocketData>({
    hostname: options.hostname,
    port: options.port,
    // Longer than any wait that an API allows; a half-sent request is cut off.
    idleTimeout: IDLE_TIMEOUT_S,
    // Without the development page, which shows source; and then Bun would let a second process share the port.
    development: false,
    reusePort: false,
    error: () => problemResponse('internal', 'The server failed at this request. Trying again may help.'),
    // Bun would refuse without a word, and what is over the limit is thrown away as it comes.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: async (request, server) => {
      const pathname = pathnameOf(request.url);
      if (pathname === undefined)
        return problemResponse(
          'malformed',
          'The Host header names no host, or one of fewer than four characters, which cannot be routed.',
        );
      if (pathname === '/healthz') return Response.json({ status: 'ok' });
      if (pathname === '/readyz') return readiness(services);
      if (pathname === '/metrics') return metrics(services);
      if (!open)
        return problemResponse('unavailable', 'The server is starting or stopping. Try again shortly.');
      if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT_BYTES) return tooLarge();
      const name = serviceOf(pathname);
      const entry = name && byName.get(name);
      if (entry) {
        const bounded = await boundedRequest(request);
        if (bounded === undefined) return tooLarge();
        // Bun knows the request alone that it made itself.
        const asked: HttpServer = {
          requestIP: () => server.requestIP(request),
          upgrade: (_, options) => server.upgrade(request, options),
        };
        return entry.observe(() => entry.service.fetch(bounded, asked));
      }
      if (!name && options.fallback) return options.fallback(request);
      return problemResponse('not_found', `Nothing answers ${pathname} here.`);
    },
    websocket: {
      maxPayloadLength: FRAME_LIMIT_BYTES,
      backpressureLimit: SOCKET_QUEUE_LIMIT_BYTES,
      idleTimeout: SOCKET_IDLE_TIMEOUT_S,
      perMessageDeflate: false,
      open: (socket) => socket.data.open(socket),
      message: (socket, data) => socket.data.message(data),
      drain: (socket) => socket.data.drain(),
      close: (socket, code, reason) => socket.data.close(code, reason),
    },
  });
  return {
    url: `http://${options.hostname}:${server.port}`,
    port: server.port ?? options.port,
    open: () => {
      open = true;
    },
    refuse: () => {
      open = false;
    },
    stop: async () => {
      await Promise.race([server.stop(), systemClock.sleep(FINISH_LIMIT_MS)]);
      await server.stop(true);
    },
  };
}

function tooLarge(): Response {
  return problemResponse('too_large', 'A body is at most 8 MiB: send less at once.');
}

/** A body that does not say its length is read here, so far as it may go; undefined when it goes on. */
async function boundedRequest(request: Request): Promise<Request | undefined> {
  const { headers, body, method, signal, url } = request;
  if (body === null || (headers.has('content-length') && !headers.has('transfer-encoding'))) return request;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Request(url, { method, headers, signal, body: new Blob(chunks) });
}

/** Undefined when the Host header was nonsense, or so short that Elysia, which looks for the path from the twelfth character on, misses it. */
function pathnameOf(url: string): string | undefined {
  if (!URL.canParse(url) || url.indexOf('/', 8) < 11) return undefined;
  return new URL(url).pathname;
}

/** Counts and times the head of every answer. An upgrade to a WebSocket counts as 101. */
function observer({ metrics }: Service) {
  const seconds = metrics.latency('http_request_seconds', 'time to the head of an answer', ['status']);
  return async (answer: () => Promise<Response | undefined>): Promise<Response | undefined> => {
    const stop = seconds.startTimer();
    const response = await answer();
    stop({ status: String(response?.status ?? 101) });
    return response;
  };
}

export function problemResponse(...args: Parameters<typeof problem>): Response {
  const body = problem(...args);
  return Response.json(body, {
    status: body.status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

function readiness(services: readonly Service[]): Response {
  const waiting = services.flatMap((service) => {
    const reason = service.notReady();
    return reason === undefined ? [] : [{ service: service.name, waitingFor: reason }];
  });
  return Response.json(
    { status: waiting.length === 0 ? 'ready' : 'waiting', waiting },
    { status: waiting.length === 0 ? 200 : 503 },
  );
}

async function metrics(services: readonly Service[]): Promise<Response> {
  const merged = Registry.merge(services.map((service) => service.metrics.registry));
  return new Response(await merged.metrics(), { headers: { 'content-type': merged.contentType } });
}
