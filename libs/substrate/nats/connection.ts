// One connection to NATS that comes back by itself, for ever. While it is away everything fails at once and clearly:
// the client would otherwise take a message, and throw it away when it reconnects.

import { settledWithin } from '@hakiri/base/within';
import { connect, type NatsConnection, NatsError } from 'nats';
import { BusError, type Subscription } from '../bus.ts';

const CONNECT_WAIT_MS = 30_000;
const CONNECT_RETRY_MS = 250;
const RECONNECT_WAIT_MS = 250;
/** A silent server is given up after PING_MS × PINGS_OUT. */
const PING_MS = 10_000;
const PINGS_OUT = 2;
const DRAIN_MS = 5_000;

export type Connection = {
  readonly nats: NatsConnection;
  connected(): boolean;
  onReconnect(handler: () => void): Subscription;
  onDisconnect(handler: () => void): Subscription;
  /** Does `work` while the server is there; fails as soon as it is away, when the outcome of `work` is unknown. */
  whileConnected<T>(work: () => Promise<T>): Promise<T>;
  /** Flushes what was sent and closes. */
  close(): Promise<void>;
};

/** `urls` is one or more `nats://[user:password@]host:port`, with commas between. @throws BusError `unavailable` */
export async function connectNats(urls: string, name: string): Promise<Connection> {
  const nats = await firstConnect(urls, name);
  const reconnect = new Set<() => void>();
  const disconnect = new Set<() => void>();
  let connected = true;
  void (async () => {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') {
        connected = false;
        for (const handler of disconnect) handler();
      }
      if (status.type === 'reconnect') {
        connected = true;
        for (const handler of reconnect) handler();
      }
    }
    connected = false;
  })();

  const isConnected = () => connected && !nats.isClosed();
  return {
    nats,
    connected: isConnected,
    whileConnected: async (work) => {
      if (!isConnected()) throw new Error('NATS is away');
      const { promise: away, reject } = Promise.withResolvers<never>();
      const stop = () => reject(new Error('NATS went away'));
      disconnect.add(stop);
      try {
        return await Promise.race([work(), away]);
      } finally {
        disconnect.delete(stop);
      }
    },
    onReconnect: (handler) => registered(reconnect, handler),
    onDisconnect: (handler) => registered(disconnect, handler),
    close: async () => {
      // A drain waits for the server's answer, which does not come while it is away.
      if (connected) await settledWithin(nats.drain(), DRAIN_MS);
      if (!nats.isClosed()) await nats.close();
    },
  };
}

/** The server may be starting beside us. */
async function firstConnect(urls: string, name: string): Promise<NatsConnection> {
  const options = serverOptions(urls);
  const deadline = performance.now() + CONNECT_WAIT_MS;
  for (;;) {
    try {
      return await connect({
        ...options,
        name,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
        reconnectJitter: RECONNECT_WAIT_MS,
        ignoreAuthErrorAbort: true,
        pingInterval: PING_MS,
        maxPingOut: PINGS_OUT,
      });
    } catch (cause) {
      if (performance.now() > deadline) {
        const hosts = options.servers.join(', ');
        throw new BusError(
          'unavailable',
          `NATS at ${hosts} does not take the connection: start it, or name another`,
          {
            cause,
          },
        );
      }
      await Bun.sleep(CONNECT_RETRY_MS);
    }
  }
}

function serverOptions(urls: string): { servers: string[]; user?: string; pass?: string } {
  const parsed = urls.split(',').map((url) => new URL(url.trim()));
  const servers = parsed.map((url) => url.host);
  const withUser = parsed.find((url) => url.username !== '');
  if (withUser === undefined) return { servers };
  return {
    servers,
    user: decodeURIComponent(withUser.username),
    pass: decodeURIComponent(withUser.password),
  };
}

function registered(handlers: Set<() => void>, handler: () => void): Subscription {
  // Wrapped, so that registering one function twice calls it twice.
  const own = () => handler();
  handlers.add(own);
  return { close: async () => void handlers.delete(own) };
}

/** The number JetStream gives an error; undefined when it is not one of its own. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

export const WRONG_LAST_SEQUENCE = 10071;
export const STREAM_NOT_FOUND = 10059;
export const CONSUMER_NOT_FOUND = 10014;
export const MESSAGE_NOT_FOUND = 10037;
/** Stored in a file or in memory, over max_bytes or over max_msgs: all the same number. */
export const STREAM_FULL = 10077;
/** The server's own store, or its disk, is. */
export const STORE_FULL = 10047;
