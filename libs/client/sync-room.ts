// One life of the stock protocol client: joins a document and its presence, reports what happens, ends cleanly. When it has
// ended it is thrown away; sync.ts starts the next.
import { utf8 } from '@hakiri/base/bytes';
import { JoinExtra } from '@hakiri/contracts/join';
import { Value } from '@sinclair/typebox/value';
import type { CrdtAdaptorContext } from 'loro-adaptors';
import { LoroAdaptor, LoroEphemeralAdaptor } from 'loro-adaptors/loro';
import type { EphemeralStore, LoroDoc } from 'loro-crdt';
import { LoroWebsocketClient, type RoomJoinStatusValue } from 'loro-websocket';
import { ApiProblem, parseJson, Unreachable } from './errors.ts';
import type { TokenSource } from './http.ts';
import type { Joined, Tally } from './sync-tally.ts';

/** The server decided not to let us in. `code` is a problem code such as `denied`. */
export class JoinRefused extends Error {
  override readonly name = 'JoinRefused';
  readonly code: string;
  constructor(code: string) {
    super(`The server does not let us into the document: ${code}.`);
    this.code = code;
  }
}

export type Room = { joined: Joined; leave(): void };
export type RoomOptions = {
  /** `ws://…/v1/sync` */
  url: string;
  tokens: TokenSource;
  room: string;
  doc: LoroDoc;
  presence: EphemeralStore;
  /** Keys that were written here. */
  ownPresence: ReadonlySet<string>;
  tally: Tally;
  /** The room is gone and the stock client will not bring it back. Called at most once. */
  onEnd: (code: string) => void;
};

const JOIN_TIMEOUT_MS = 15_000;
const RECONNECT = { initialDelayMs: 200, maxDelayMs: 10_000 };

/** Resolves with the document at the server's version or beyond. @throws JoinRefused, Unreachable */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const { room: roomId, tally, tokens } = options;
  let phase: 'joining' | 'catching_up' | 'in' | 'over' = 'joining';
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });

  const client = new ObservedClient(options.url, `%LOR${roomId}`, {
    answered: () => tally.acknowledged(),
    left: () => end('left_room'),
    disconnected: () => phase === 'in' && tally.lost(),
  });
  const end = (code: string): void => {
    if (phase === 'catching_up') fail(new JoinRefused(code));
    if (phase !== 'in') return;
    leave();
    options.onEnd(code);
  };
  const document = new ObservedAdaptor(options.doc, client, tally, end);
  const ephemeral = new OwnPresenceAdaptor(options.presence, options.ownPresence);
  const leave = (): void => {
    phase = 'over';
    document.destroy();
    ephemeral.destroy();
    client.destroy();
    tally.lost();
  };
  const auth = async (): Promise<Uint8Array> => utf8((await tokens.token()) ?? '');
  const onStatusChange = (status: RoomJoinStatusValue): void => {
    // A first join that fails rejects by itself, with the reason.
    if (phase === 'joining' || phase === 'over') return;
    if (status === 'joined') queueMicrotask(() => phase !== 'over' && tally.joined());
    else if (status === 'disconnected') end('disconnected');
    else tally.lost();
  };
  const join = async (): Promise<void> => {
    await client.join({ roomId, crdtAdaptor: document, auth, onStatusChange });
    phase = 'catching_up';
    await Promise.all([
      document.waitForReachingServerVersion(),
      client.join({ roomId, crdtAdaptor: ephemeral, auth }),
    ]);
  };
  const timer = setTimeout(
    () => fail(new Unreachable('The server does not let us into the document in time.')),
    JOIN_TIMEOUT_MS,
  );
  try {
    await Promise.race([join(), failure]);
  } catch (error) {
    leave();
    throw joinFailure(error);
  } finally {
    clearTimeout(timer);
  }
  phase = 'in';
  tally.joined();
  return { joined: document.joinedAs, leave };
}

type Observer = { answered(): void; left(): void; disconnected(): void };

/** The stock client; tells which of its batches have been answered, and when it forgets a room. */
class ObservedClient extends LoroWebsocketClient {
  readonly #observer: Observer;
  readonly #roomKey: string;
  constructor(url: string, roomKey: string, observer: Observer) {
    super({ url, reconnect: RECONNECT, onError: (error) => this.#closeForSure(error) });
    this.#observer = observer;
    this.#roomKey = roomKey;
    this.onStatusChange((status) => {
      if (status !== 'disconnected') return;
      this.socket?.close();
      observer.disconnected();
    });
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
    if (batch?.roomKey === this.#roomKey) queueMicrotask(() => this.#observer.answered());
    return batch;
  }
}

/** Refused in passing: the same edits may be sent again after a new join. The rest will be refused for ever. */
const PASSING_REFUSALS = new Set(['rate_limited', 'fragment_timeout', 'unknown', 'app_error']);

/** The stock adaptor; counts what goes out and reads what the join says. */
class ObservedAdaptor extends LoroAdaptor {
  joinedAs: Joined = { permission: 'read', extra: undefined };
  readonly #client: LoroWebsocketClient;
  readonly #tally: Tally;
  constructor(doc: LoroDoc, client: LoroWebsocketClient, tally: Tally, end: (code: string) => void) {
    super(doc, {
      onUpdateError: (_updates, status, reason) => {
        const code = reason ?? `status_${status}`;
        if (!PASSING_REFUSALS.has(code)) tally.refused(code);
        end(code);
      },
      onImportError: () => end('import_failed'),
    });
    this.#client = client;
    this.#tally = tally;
  }

  override setCtx(context: CrdtAdaptorContext): void {
    super.setCtx({
      ...context,
      send: (updates) => {
        if (this.#client.socket?.readyState === WebSocket.OPEN) for (const _ of updates) this.#tally.sent();
        context.send(updates);
      },
    });
  }

  override handleJoinOk(answer: Parameters<LoroAdaptor['handleJoinOk']>[0]): Promise<void> {
    const extra = parseJson(new TextDecoder().decode(answer.extra ?? new Uint8Array()));
    this.joinedAs = {
      permission: answer.permission,
      extra: Value.Check(JoinExtra, extra) ? extra : undefined,
    };
    return super.handleJoinOk(answer);
  }
}

/** The stock adaptor; after a join it says again what was said here, and not what others said: that is theirs to say. */
class OwnPresenceAdaptor extends LoroEphemeralAdaptor {
  readonly #own: ReadonlySet<string>;
  #context: CrdtAdaptorContext | undefined;
  constructor(presence: EphemeralStore, own: ReadonlySet<string>) {
    super(presence);
    this.#own = own;
  }

  override setCtx(context: CrdtAdaptorContext): void {
    super.setCtx(context);
    this.#context = context;
  }

  override async handleJoinOk(): Promise<void> {
    const store = this.getStore();
    for (const key of this.#own) this.#context?.send([store.encode(key)]);
  }
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
