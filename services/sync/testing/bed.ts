// What sync’s tests stand on: a real server on the embedded substrate, stock clients, and a raw socket that speaks the
// protocol frame by frame.
import { expect } from 'bun:test';
import { utf8 } from '@hakiri/base/bytes';
import { createDeps } from '@hakiri/service/deps';
import { type Host, listen } from '@hakiri/service/host';
import { type Logger, silentLogger } from '@hakiri/service/logger';
import type { BlobStore } from '@hakiri/substrate/blob-store';
import type { Clock } from '@hakiri/substrate/clock';
import type { DocumentLog } from '@hakiri/substrate/document-log';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import type { Substrate } from '@hakiri/substrate/substrate';
import { hearReconnects } from '@hakiri/testing/reconnects';
import { makeTempDirectory } from '@hakiri/testing/temp-directory';
import { until } from '@hakiri/testing/until';
import { LoroAdaptor, LoroEphemeralAdaptor } from 'loro-adaptors/loro';
import { EphemeralStore, LoroDoc } from 'loro-crdt';
import { CrdtType, decode, encode, type HexString, MessageType, type ProtocolMessage } from 'loro-protocol';
import { LoroWebsocketClient } from 'loro-websocket';
import { DEFAULTS, type SyncConfig } from '../config.ts';
import { createSync, type SyncDeps } from '../service.ts';
import { createTestGuard, type TestGuard } from './test-guard.ts';

export const ROOM = 'default/main';

export type Bed = {
  url: string;
  guard: TestGuard;
  substrate: Substrate;
  deps: SyncDeps;
  metrics(): Promise<string>;
  http(path: string, init?: RequestInit & { token?: string }): Promise<Response>;
  /** Stops sync in order and starts it again on the same log. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export type BedOptions = {
  config?: Partial<SyncConfig>;
  log?: (log: DocumentLog) => DocumentLog;
  blobs?: (blobs: BlobStore) => BlobStore;
  logger?: Logger;
  /** Decides with tokens that are really signed, by what whoever answers for auth on the bus says. */
  realGuard?: boolean;
  /** One that a test puts forward, instead of waiting. */
  clock?: Clock;
};

export async function openBed(options: BedOptions = {}): Promise<Bed> {
  const directory = await makeTempDirectory();
  const substrate = await openEmbedded(
    directory.path,
    options.clock === undefined ? {} : { clock: options.clock },
  );
  const guard = createTestGuard(substrate.clock.now);
  const config = { ...DEFAULTS, ...options.config };
  let host: Host | undefined;
  let stop: () => Promise<void> = async () => {};

  async function start(port: number): Promise<SyncDeps> {
    const made = createDeps(substrate, 'sync', options.logger ?? silentLogger);
    const deps = {
      ...made,
      guard: options.realGuard ? made.guard : guard,
      documents: options.log?.(substrate.documents) ?? substrate.documents,
      blobs: options.blobs?.(substrate.blobs) ?? substrate.blobs,
    };
    await deps.guard.start();
    const service = createSync(deps, config);
    await service.start();
    const listening = listen([service], { hostname: '127.0.0.1', port });
    host = listening;
    stop = async () => {
      await service.stop();
      await listening.stop();
      await deps.guard.stop();
    };
    return deps;
  }

  const bed: Bed = {
    deps: await start(0),
    guard,
    substrate,
    url: host?.url ?? '',
    metrics: async () => (await fetch(`${bed.url}/metrics`)).text(),
    http: (path, { token = 'alice', ...init } = {}) =>
      fetch(`${bed.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
      }),
    restart: async () => {
      await stop();
      bed.deps = await start(Number(new URL(bed.url).port));
    },
    close: async () => {
      await stop();
      await substrate.close();
      await directory.remove();
    },
  };
  return bed;
}

export type Person = {
  client: LoroWebsocketClient;
  doc: LoroDoc;
  presence: EphemeralStore;
  leave(): void;
};

/** The unmodified client with the stock adaptors, in the document and in its presence. */
export async function join(bed: Bed, token: string, doc = new LoroDoc(), room = ROOM): Promise<Person> {
  const client = new LoroWebsocketClient({
    url: `${bed.url.replace(/^http/, 'ws')}/v1/sync`,
    reconnect: { initialDelayMs: 20, maxDelayMs: 100 },
  });
  hearReconnects(client);
  await client.waitConnected();
  const presence = new EphemeralStore(60_000);
  const auth = utf8(token);
  const joined = await client.join({ roomId: room, crdtAdaptor: new LoroAdaptor(doc), auth });
  await joined.waitForReachingServerVersion();
  await client.join({ roomId: room, crdtAdaptor: new LoroEphemeralAdaptor(presence), auth });
  const leave = (): void => {
    client.destroy();
    presence.destroy();
  };
  return { client, doc, presence, leave };
}

export async function converged(...people: Person[]): Promise<void> {
  const [first, ...others] = people;
  if (first === undefined) return;
  // A stock client that is destroyed while it reconnects leaves a rejection behind.
  await Promise.all(people.map(({ client }) => client.waitConnected()));
  await until(() => others.every((other) => other.doc.version().compare(first.doc.version()) === 0), {
    what: 'everybody holds the same version',
  });
  for (const other of others) expect(other.doc.toJSON()).toEqual(first.doc.toJSON());
}

/** A socket that speaks the protocol frame by frame and remembers what it heard. */
export class Raw {
  readonly heard: ProtocolMessage[] = [];
  readonly texts: string[] = [];
  /** Called after every message and at the end. */
  onHeard: () => void = () => {};
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;
  readonly #probes = new Set<string>();
  #lastBatch = 0;
  #seen = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.texts.push(data);
      else {
        const message = decode(new Uint8Array(data));
        const isProbe = message.type === MessageType.Ack && this.#probes.delete(message.refId);
        if (!isProbe) this.heard.push(message);
      }
      this.onHeard();
    };
    socket.onclose = ({ code, reason }) => {
      this.closed = { code, reason };
      this.onHeard();
    };
  }

  static async open(bed: { url: string }): Promise<Raw> {
    const socket = new WebSocket(`${bed.url.replace(/^http/, 'ws')}/v1/sync`);
    const raw = new Raw(socket);
    await until(() => socket.readyState === WebSocket.OPEN || raw.closed !== undefined);
    return raw;
  }

  send(message: ProtocolMessage | string | Uint8Array): void {
    const isFrame = typeof message === 'string' || message instanceof Uint8Array;
    this.#socket.send(isFrame ? (message as string) : (encode(message).slice() as Uint8Array<ArrayBuffer>));
  }

  batchId(): HexString {
    this.#lastBatch += 1;
    return `0x${this.#lastBatch.toString(16).padStart(16, '0')}`;
  }

  join(
    token: string,
    crdt: CrdtType = CrdtType.Loro,
    roomId = ROOM,
    version: Uint8Array = new Uint8Array(),
  ): void {
    this.send({ type: MessageType.JoinRequest, crdt, roomId, auth: utf8(token), version });
  }

  update(update: Uint8Array | Uint8Array[], crdt: CrdtType = CrdtType.Loro, roomId = ROOM): HexString {
    const batchId = this.batchId();
    const updates = Array.isArray(update) ? update : [update];
    this.send({ type: MessageType.DocUpdate, crdt, roomId, updates, batchId });
    return batchId;
  }

  /** The next message heard that fits, in order; what came before it is passed over. */
  async next<Type extends ProtocolMessage['type']>(
    type: Type,
    crdt?: CrdtType,
  ): Promise<Extract<ProtocolMessage, { type: Type }>> {
    return until(
      () => {
        for (; this.#seen < this.heard.length; this.#seen++) {
          const message = this.heard[this.#seen];
          if (message?.type !== type || (crdt !== undefined && message.crdt !== crdt)) continue;
          this.#seen += 1;
          return message as Extract<ProtocolMessage, { type: Type }>;
        }
        return undefined;
      },
      { what: `a message of type ${type}` },
    );
  }

  /** The socket has read everything sent before; what it is about may still be under way, or be held. */
  async read(): Promise<void> {
    const before = this.texts.length;
    this.send('ping');
    await until(() => this.closed !== undefined || this.texts.length > before, { what: 'a pong' });
  }

  /** Everything sent before was handled: what was answered at once has arrived. Or the socket closed. */
  async handled(): Promise<void> {
    // Behind everything sent to the document, and refused by it, or by the room at the latest.
    const batch = this.batchId();
    this.#probes.add(batch);
    const noUpdate = [new Uint8Array([1])];
    const room = { crdt: CrdtType.Loro, roomId: ROOM };
    this.send({ type: MessageType.DocUpdate, ...room, updates: noUpdate, batchId: batch });
    await until(() => this.closed !== undefined || !this.#probes.has(batch), { what: 'an answer' });
  }

  async ackOf(batchId: HexString): Promise<number> {
    const found = await until(
      () => this.heard.find((message) => message.type === MessageType.Ack && message.refId === batchId),
      { what: `the answer to ${batchId}` },
    );
    return found.type === MessageType.Ack ? found.status : -1;
  }

  async whenClosed(): Promise<{ code: number; reason: string }> {
    return until(() => this.closed, { what: 'the socket to close' });
  }

  end(): void {
    this.#socket.close();
  }
}

/** An update of a new document with one field set. */
export function anEdit(key: string, value: string, peer?: `${number}`): Uint8Array {
  const doc = new LoroDoc();
  if (peer !== undefined) doc.setPeerId(peer);
  doc.getMap('scratch').set(key, value);
  doc.commit();
  const update = doc.export({ mode: 'update' });
  doc.free();
  return update;
}
