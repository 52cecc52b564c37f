// What every service is to whoever runs it, alone (main.ts) or beside the others (deploy/embedded).
import type { ServiceName } from '@hakiri/contracts/http';
import type { Server, ServerWebSocket } from 'bun';
import type { Metrics } from './metrics.ts';

/** A socket's own handlers, carried in its `data`: the host only passes events on. */
export type SocketData = {
  open(socket: Socket): void;
  message(data: string | Uint8Array): void;
  /** The socket can take more after a send that found it full. */
  drain(): void;
  close(code: number, reason: string): void;
};
export type Socket = ServerWebSocket<SocketData>;
/** What a service may ask of the server that has its request. */
export type HttpServer = Pick<Server<SocketData>, 'requestIP' | 'upgrade'>;

export interface Service {
  readonly name: ServiceName;
  readonly metrics: Metrics;
  /** Answers the service's own paths; undefined after a WebSocket upgrade. */
  fetch(request: Request, server: HttpServer): Promise<Response | undefined>;
  /** Resolves when it may take work. */
  start(): Promise<void>;
  /** Undefined when ready, else what it waits for. */
  notReady(): string | undefined;
  /** Accepts no more, drains, flushes, closes its own things (not the substrate). */
  stop(): Promise<void>;
}
