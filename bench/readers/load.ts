// The load generator of `npm run bench -- readers`, a process of its own: so many raw sockets on an event stream, which only
// look for the id of the event they are told to expect and note when it came.
import { connect } from 'bun';

export type Ask =
  | { kind: 'connect'; port: number; path: string; tokens: string[]; count: number }
  | { kind: 'expect'; id: number }
  | { kind: 'close' };
/** Times since 1970, in milliseconds. */
export type Told =
  | { kind: 'connected' }
  | { kind: 'arrived'; atMs: number[] }
  | { kind: 'failed'; error: string };

/** So many are connecting at once. */
const CONNECTING = 100;
const CONNECTED = ': connected';
/** A marker may be cut by the end of a packet. */
const TAIL_BYTES = 32;

let expected = '';
let arrivals: number[] = [];
let total = 0;
const open: { end(): void }[] = [];
const say = (told: Told): void => void process.send?.(told);
const now = (): number => performance.timeOrigin + performance.now();

function reader(port: number, path: string, token: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let tail = '';
  let found = '';
  const head = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\nauthorization: Bearer ${token}\r\n\r\n`;
  void connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      open: (socket) => {
        open.push(socket);
        socket.write(head);
      },
      data: (_socket, bytes) => {
        const text = tail + bytes.toString('latin1');
        tail = text.slice(-TAIL_BYTES);
        if (text.includes(CONNECTED)) resolve();
        else if (text.startsWith('HTTP/1.1 ') && !text.startsWith('HTTP/1.1 200'))
          reject(new Error(text.slice(0, 300)));
        if (expected === '' || found === expected || !text.includes(expected)) return;
        found = expected;
        arrivals.push(now());
        if (arrivals.length === total) say({ kind: 'arrived', atMs: arrivals });
      },
      close: () => reject(new Error('closed')),
      error: (_socket, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}

async function connectAll({ port, path, tokens, count }: Extract<Ask, { kind: 'connect' }>): Promise<void> {
  total = count;
  for (let done = 0; done < count; done += CONNECTING) {
    const some = Array.from({ length: Math.min(CONNECTING, count - done) }, (_, index) =>
      reader(port, path, tokens[(done + index) % tokens.length] ?? ''),
    );
    await Promise.all(some);
  }
}

process.on('message', (ask: Ask) => {
  if (ask.kind === 'connect')
    connectAll(ask).then(
      () => say({ kind: 'connected' }),
      (error) => say({ kind: 'failed', error: String(error) }),
    );
  else if (ask.kind === 'expect') {
    arrivals = [];
    expected = `id: ${ask.id}\n`;
  } else for (const socket of open.splice(0)) socket.end();
});
