// One life of the stock protocol client: joins a document, its presence and its news, reports what happens, ends cleanly. When it
// has ended it is thrown away; sync-stay.ts starts the next.
import type { EphemeralStore, LoroDoc, PeerID } from 'loro-crdt';
import { LoroWebsocketClient, type RoomJoinStatusValue } from 'loro-websocket';
import { ApiProblem, JoinRefused, Unreachable } from './errors.ts';
import { DocumentAdaptor, NewsAdaptor, OwnPresenceAdaptor } from './sync-adaptors.ts';
import { spansOf } from './sync-ledger.ts';
import type { Joined } from './sync-tally.ts';

export type RoomEvents = {
  /** Membership begins, or begins anew. `version` is durable on the server. */
  joined(as: Joined, version: ReadonlyMap<PeerID, number>, send: (updates: Uint8Array[]) => void): void;
  /** Nothing may be sent until the next `joined`. */
  lost(): void;
  imported(update: Uint8Array): void;
  /** Durable on the server: peer → counter, the end excluded. */
  acknowledged(ends: ReadonlyMap<PeerID, number>): void;
  /** Not in passing: sent again, they would be refused again. */
  refused(code: string): void;
};

export type RoomOptions = {
  /** `ws://…/v1/sync` */
  url: string;
  /** Asked for at every join: tokens change. */
  payload: () => Promise<Uint8Array>;
  room: string;
  doc: LoroDoc;
  presence: EphemeralStore;
  /** Keys that were written here. */
  ownPresence: ReadonlySet<string>;
  events: RoomEvents;
};

export type Room = {
  /** Resolves with the reason when the room is gone for good. */
  ended: Promise<string>;
  /** Once a room; later stores are not heard. */
  joinNews(store: EphemeralStore): void;
  leave(): void;
};

const JOIN_TIMEOUT_MS = 15_000;

/** Resolves with the document at the server's version or beyond. @throws JoinRefused, Unreachable */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const { room: roomId, events, payload: auth } = options;
  let phase: 'joining' | 'in' | 'over' = 'joining';
  let isRefused = false;
  const ending = Promise.withResolvers<string>();
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => {});
  /** It ended before everything of it was joined. */
  let earlyEnd: string | undefined;

  const client = new ObservedClient(options.url, `%LOR${roomId}`, {
    answered: (updates) => events.acknowledged(endsOf(updates)),
    left: () => end('left_room'),
    disconnected: () => end('disconnected'),
  });
  const end = (code: string): void => {
    if (phase === 'over') return;
    if (phase === 'joining') {
      earlyEnd ??= code;
      // A join that fails has its own reason, which the stock client gives a moment later.
      setTimeout(() => failing.reject(endFailure(code)));
      return;
    }
    leave();
    ending.resolve(code);
  };
  const document = new DocumentAdaptor(options.doc, {
    joined(as, version) {
      if (phase === 'over') return;
      events.joined(as, version, (updates) => document.send(updates));
    },
    imported: events.imported,
    cannotImport: () => end(IMPORT_FAILED),
    refused(updates, code) {
      client.refuse(updates);
      // What was sent behind it is refused with it: that says nothing new.
      if (isRefused) return;
      isRefused = true;
      if (!PASSING_ENDS.has(code)) events.refused(code);
      end(code);
    },
  });
  const ephemeral = new OwnPresenceAdaptor(options.presence, options.ownPresence);
  let news: NewsAdaptor | undefined;
  const leave = (): void => {
    if (phase === 'over') return;
    phase = 'over';
    document.destroy();
    ephemeral.destroy();
    news?.destroy();
    client.destroy();
    events.lost();
  };
  const onStatusChange = (status: RoomJoinStatusValue): void => {
    if (phase !== 'in') return;
    if (status === 'disconnected') end('disconnected');
    else if (status !== 'joined') events.lost();
  };
  const join = async (): Promise<void> => {
    await client.join({ roomId, crdtAdaptor: document, auth, onStatusChange });
    await Promise.all([
      document.waitForReachingServerVersion(),
      client.join({ roomId, crdtAdaptor: ephemeral, auth }),
    ]);
  };
  const timer = setTimeout(
    () => failing.reject(new Unreachable('The server does not let us into the document in time.')),
    JOIN_TIMEOUT_MS,
  );
  try {
    await Promise.race([join(), failing.promise]);
    // In the same moment: nobody will say it again, and what was sent would wait for an answer for ever.
    if (earlyEnd !== undefined) throw endFailure(earlyEnd);
  } catch (error) {
    leave();
    throw joinFailure(error);
  } finally {
    clearTimeout(timer);
  }
  phase = 'in';
  return {
    ended: ending.promise,
    joinNews(store) {
      if (news || phase !== 'in') return;
      news = new NewsAdaptor(store);
      // Without news the document goes on.
      client.join({ roomId, crdtAdaptor: news, auth }).catch(() => {});
    },
    leave() {
      leave();
      ending.resolve('left');
    },
  };
}

function endsOf(updates: readonly Uint8Array[]): Map<PeerID, number> {
  const ends = new Map<PeerID, number>();
  for (const { peer, to } of updates.flatMap(spansOf)) ends.set(peer, Math.max(to, ends.get(peer) ?? 0));
  return ends;
}

type Observer = { answered(updates: readonly Uint8Array[]): void; left(): void; disconnected(): void };

/** The stock client; tells which of its batches have been answered, and when it forgets a room. It does not reconnect. */
class ObservedClient extends LoroWebsocketClient {
  readonly #observer: Observer;
  readonly #roomKey: string;
  readonly #refused = new WeakSet<readonly Uint8Array[]>();
  constructor(url: string, roomKey: string, observer: Observer) {
    super({ url, reconnect: { enabled: false }, onError: (error) => this.#closeForSure(error) });
    this.#observer = observer;
    this.#roomKey = roomKey;
    this.onStatusChange((status) => {
      if (status !== 'disconnected') return;
      this.socket?.close();
      observer.disconnected();
    });
  }

  /** The stock constructor calls it and handles no failure. */
  override connect(...args: Parameters<LoroWebsocketClient['connect']>): Promise<void> {
    const connected = super.connect(...args);
    connected.catch(() => {});
    return connected;
  }

  refuse(updates: readonly Uint8Array[]): void {
    this.#refused.add(updates);
  }

  /**
   * Going offline, and when pings stay unanswered, the stock client closes with 1001, which browsers do not allow a page:
   * the socket would stay, and nothing would reconnect.
   */
  #closeForSure(error: Error): void {
    if (error.name === 'InvalidAccessError') this.socket?.close();
  }

  /** A status `error` would come too late: the listeners are among what it forgets. */
  override cleanupRoom(...args: Parameters<LoroWebsocketClient['cleanupRoom']>): void {
    super.cleanupRoom(...args);
    const [roomId, crdtType] = args;
    if (`${crdtType}${roomId}` === this.#roomKey) queueMicrotask(() => this.#observer.left());
  }

  override consumeSentBatch(...args: Parameters<LoroWebsocketClient['consumeSentBatch']>) {
    const batch = super.consumeSentBatch(...args);
    // Behind the adaptor's own handling of a refusal, which comes right after this call.
    if (batch?.roomKey === this.#roomKey)
      queueMicrotask(() => this.#refused.has(batch.updates) || this.#observer.answered(batch.updates));
    return batch;
  }
}

/** What the server sent does not fit the document that is here. */
export const IMPORT_FAILED = 'import_failed';
/** What was sent builds on what the server does not have. */
export const UPDATES_MISSING = 'app_error';
/** Ends after which the same edits may be sent again, with a new join. */
export const PASSING_ENDS: ReadonlySet<string> = new Set([
  'rate_limited',
  'fragment_timeout',
  'unknown',
  UPDATES_MISSING,
  'left_room',
  'unavailable',
  'storage_full',
]);

function endFailure(code: string): Error {
  if (code === 'disconnected') return new Unreachable('The connection to the document broke.');
  return new JoinRefused(code);
}

/** The stock client reports a refusal as `Join failed: <number> - <message>`; the message is our problem code. */
function joinFailure(error: unknown): Error {
  if (error instanceof JoinRefused || error instanceof Unreachable || error instanceof ApiProblem)
    return error;
  const message = error instanceof Error ? error.message : String(error);
  const refusal = /^Join failed: \d+ - (\S*)/.exec(message);
  if (refusal) return new JoinRefused(refusal[1] || 'denied');
  return new Unreachable(`The document cannot be joined: ${message}`, { cause: error });
}
