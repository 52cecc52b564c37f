// One address for four processes on one machine: what an Ingress is in production. Routes by the table in contracts/http.ts,
// streams bodies through, and pipes sockets byte for byte.
import { SERVICE_NAMES, type ServiceName, serviceOf } from '@hakiri/contracts/http';
import {
  type Fallback,
  FRAME_LIMIT_BYTES,
  problemResponse,
  SOCKET_QUEUE_LIMIT_BYTES,
} from '@hakiri/service/host';
import type { Server, ServerWebSocket } from 'bun';

export type Upstreams = Record<ServiceName, string>;

/** Frames that wait for the upstream socket to open. */
const EARLY_FRAMES_LIMIT = 64;

/** Close codes: the service restarts; one side does not keep up. */
const COME_AGAIN = 1012;
const TOO_MUCH = 1013;

type Frame = string | Uint8Array<ArrayBuffer>;
/** Bun's sockets end at once when asked; the type is the browsers'. */
type Upstream = WebSocket & { terminate(): void };
type Pipe = { upstream: Upstream; early: Frame[] };

export function startGateway(options: {
  hostname: string;
  port: number;
  upstreams: Upstreams;
  page: Fallback;
}) {
  const server = Bun.serve<Pipe>({
    hostname: options.hostname,
    port: options.port,
    idleTimeout: 0,
    // The service behind says what is too large.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, server) => {
      const url = new URL(request.url);
      if (url.pathname === '/healthz') return Response.json({ status: 'ok' });
      if (url.pathname === '/readyz') return readiness(options.upstreams);
      if (url.pathname === '/metrics') return metrics(options.upstreams);
      const service = serviceOf(url.pathname);
      if (service === undefined) return options.page(request);
      const target = `${options.upstreams[service]}${url.pathname}${url.search}`;
      return request.headers.get('upgrade') === 'websocket'
        ? upgrade(server, request, target)
        : forward(request, target, server.requestIP(request)?.address ?? '');
    },
    websocket: {
      maxPayloadLength: FRAME_LIMIT_BYTES,
      backpressureLimit: SOCKET_QUEUE_LIMIT_BYTES,
      perMessageDeflate: false,
      open: (socket) => pipeDown(socket),
      message: (socket, data) => pipeUp(socket, typeof data === 'string' ? data : data.slice()),
      close: (socket) => socket.data.upstream.close(),
    },
  });
  return { url: `http://${options.hostname}:${server.port}`, stop: () => server.stop(true) };
}

/** Auth limits sign-ins by address, so it is told whose request this is; what the caller claims is dropped. */
async function forward(request: Request, target: string, address: string): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('x-forwarded-for', address);
  try {
    return await fetch(target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: 'manual',
      signal: request.signal,
    });
  } catch {
    return problemResponse('unavailable', 'The service behind this path does not answer. Try again shortly.');
  }
}

function upgrade(server: Server<Pipe>, request: Request, target: string): Response | undefined {
  const upstream = new WebSocket(target.replace(/^http/, 'ws')) as Upstream;
  upstream.binaryType = 'arraybuffer';
  if (server.upgrade(request, { data: { upstream, early: [] } })) return undefined;
  upstream.close();
  return problemResponse('malformed', 'This path wants a WebSocket.');
}

function pipeDown(socket: ServerWebSocket<Pipe>): void {
  const { upstream, early } = socket.data;
  upstream.onopen = () => {
    for (const frame of early.splice(0)) upstream.send(frame);
  };
  upstream.onmessage = ({ data }) => {
    // A frame that does not fit is lost, so the stream is broken: the client reconnects and catches up.
    if (socket.send(data) === 0) socket.close(TOO_MUCH, 'too slow');
  };
  upstream.onclose = ({ code, reason }) => socket.close(isForTheClient(code) ? code : COME_AGAIN, reason);
}

function pipeUp(socket: ServerWebSocket<Pipe>, frame: Frame): void {
  const { upstream, early } = socket.data;
  if (upstream.bufferedAmount > SOCKET_QUEUE_LIMIT_BYTES) {
    socket.close(TOO_MUCH, 'too slow');
    // It would wait for what is buffered.
    upstream.terminate();
  } else if (upstream.readyState === WebSocket.OPEN) upstream.send(frame);
  else if (early.length < EARLY_FRAMES_LIMIT) early.push(frame);
  else socket.close(TOO_MUCH, 'the service does not answer');
}

/** What a service says about the connection it says to its client; that it went away is this gateway's to mend. */
function isForTheClient(code: number): boolean {
  return code === 1000 || code === 1002 || code === 1003 || (code >= 1007 && code <= 1013) || code >= 3000;
}

async function readiness(upstreams: Upstreams): Promise<Response> {
  const answers = await Promise.all(
    SERVICE_NAMES.map(async (name) => {
      try {
        return (await fetch(`${upstreams[name]}/readyz`)).ok ? [] : [name];
      } catch {
        return [name];
      }
    }),
  );
  const waiting = answers.flat();
  return Response.json(
    { status: waiting.length === 0 ? 'ready' : 'waiting', waiting },
    { status: waiting.length === 0 ? 200 : 503 },
  );
}

/** Of all services: each has its name in its metrics. One that does not answer is left out. */
async function metrics(upstreams: Upstreams): Promise<Response> {
  const texts = await Promise.all(
    SERVICE_NAMES.map((name) =>
      fetch(`${upstreams[name]}/metrics`)
        .then((response) => response.text())
        .catch(() => ''),
    ),
  );
  return new Response(texts.join('\n'), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
}
