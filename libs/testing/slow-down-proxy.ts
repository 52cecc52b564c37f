// Stands before a real S3 gateway and answers 503 SlowDown to a share of the requests, by a seed: instead of passing them on, or,
// what is worse, after the gateway has done what they ask. All others pass as they are, signature and `Host` included.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createPrng } from '@hakiri/base/prng';
import { freePorts } from './free-ports.ts';

/** Between 0 and 1, of the requests. */
export type Refusing = { before: number; after: number };
export type SlowDownProxy = {
  readonly port: number;
  /** What was answered with 503 so far. */
  readonly refused: Readonly<{ before: number; after: number }>;
  refuse(shares: Refusing): void;
  stop(): Promise<void>;
};

const SLOW_DOWN =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

export async function startSlowDownProxy(gatewayPort: number, seed: number): Promise<SlowDownProxy> {
  const prng = createPrng(seed);
  const refused = { before: 0, after: 0 };
  let shares: Refusing = { before: 0, after: 0 };
  const [port = 0] = await freePorts(1);

  function slowDown(answer: ServerResponse): void {
    answer.writeHead(503, { 'content-type': 'application/xml' });
    answer.end(SLOW_DOWN);
  }

  /** Read first, as who is answered before having sent everything may see a broken connection instead. */
  async function handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    if (prng.next() < shares.before) {
      refused.before += 1;
      slowDown(answer);
      return;
    }
    const passed = await passOn(asked, Buffer.concat(chunks));
    if (prng.next() < shares.after) {
      refused.after += 1;
      slowDown(answer);
      return;
    }
    answer.writeHead(passed.status, passed.headers);
    answer.end(asked.method === 'HEAD' ? undefined : passed.body);
  }

  function passOn(asked: IncomingMessage, body: Buffer) {
    const { method, url: path, headers } = asked;
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
      (resolve, reject) => {
        const options = { host: '127.0.0.1', port: gatewayPort, method, path, headers, agent: false };
        const passing = request(options, async (answered) => {
          try {
            const chunks: Buffer[] = [];
            for await (const chunk of answered) chunks.push(chunk);
            resolve({
              status: answered.statusCode ?? 502,
              headers: answered.headers,
              body: Buffer.concat(chunks),
            });
          } catch (error) {
            reject(error);
          }
        });
        passing.on('error', reject);
        passing.end(body);
      },
    );
  }

  const server = createServer((asked, answer) => {
    // A gateway that is away is away through here, too.
    handle(asked, answer).catch(() => asked.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    refused,
    refuse: (next) => {
      shares = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
