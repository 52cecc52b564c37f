// What a simulation of a room is made of: a log that stores when it is told, the document behind its host, and clients that do
// what the stock client does, over queues that the simulation moves.
import { expect } from 'bun:test';
import type { Prng } from '@hakiri/base/prng';
import { LoroDoc, VersionVector } from 'loro-crdt';
import {
  decode,
  type HexString,
  MessageType,
  type ProtocolMessage,
  RoomErrorCode,
  UpdateStatusCode,
} from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import type { Settled } from '../document/commit-group.ts';
import { decodeRecord, encodeRecord, type LogRecord } from '../document/record.ts';
import { Host } from '../host/host.ts';
import type { CommandKind, CommandOf, Reply } from '../host/protocol.ts';
import type { RoomHost } from '../room/room-host.ts';
import { bytesOfFrame } from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';

/** It lacks something, or brings what its owner has to bring: it is told when to try again. */
const REFUSED_WITH: number[] = [UpdateStatusCode.AppError, UpdateStatusCode.PermissionDenied];

/** The log: what is stored stays, what waits is lost with the server. */
export class SimulatedLog {
  readonly stored: Uint8Array[] = [];
  readonly durable = new LoroDoc();
  #waiting: { entry: Uint8Array; settled: Settled[] }[] = [];

  submit = (record: LogRecord, settled: Settled = () => {}): void => {
    this.#waiting.push({ entry: encodeRecord(record), settled: [settled] });
  };
  whenDurable = (settled: Settled): void => {
    const last = this.#waiting.at(-1);
    if (last === undefined) settled(true);
    else last.settled.push(settled);
  };
  store(count: number): void {
    for (const { entry, settled } of this.#waiting.splice(0, count)) {
      this.stored.push(entry);
      const record = decodeRecord(entry);
      if (record.kind === 'update') this.durable.import(record.update);
      for (const tell of settled) tell(true);
    }
  }
  lose(): void {
    this.#waiting = [];
  }
}

/** The document behind its host: performs commands when the simulation lets it. */
export class SimulatedHost implements RoomHost {
  readonly isResting = false;
  readonly submit: RoomHost['submit'];
  readonly whenDurable: RoomHost['whenDurable'];
  readonly #host = new Host({ ...DEFAULTS, deltaCounters: 30 }, () => 0);
  #waiting: (() => void)[] = [];

  constructor(log: SimulatedLog) {
    this.submit = log.submit;
    this.whenDurable = log.whenDurable;
    const opened = this.#host.perform({
      document: 1,
      kind: 'open',
      input: { base: undefined, entries: log.stored },
    });
    const { update } = (opened as { reply: Reply<'open'> }).reply;
    const header = { actor: { kind: 'service', id: 'sync' }, receivedAtMs: 0 } as const;
    if (update !== undefined) log.submit({ ...header, kind: 'update', update });
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  refusal(): undefined {}

  perform<K extends CommandKind>(command: CommandOf<K>, done: (reply: Reply<K>) => void): void {
    this.#waiting.push(() => {
      const answer = this.#host.perform({ document: 1, ...command });
      if (answer.kind !== 'done') throw new Error(answer.error);
      done(answer.reply as Reply<K>);
    });
  }

  work(count: number): void {
    for (const perform of this.#waiting.splice(0, count)) perform();
  }
}

type ToServer =
  | { kind: 'join'; version: Uint8Array }
  | { kind: 'update'; update: Uint8Array; batchId: HexString };

/** Does what the stock client does, over queues that the simulation moves. */
export class SimulatedClient {
  readonly doc = new LoroDoc();
  readonly toServer: ToServer[] = [];
  readonly toClient: ProtocolMessage[] = [];
  /** Of each batch on its way: the state in which it was sent. */
  readonly unacknowledged = new Map<HexString, VersionVector>();
  /** Everything up to here was acknowledged. */
  readonly acknowledged: VersionVector[] = [];
  peer: Peer | undefined;
  isIn = false;
  readonly user: string;
  readonly #index: number;
  #batches = 0;

  constructor(index: number) {
    this.#index = index;
    this.user = `u${index}`;
    this.doc.setPeerId(`${1_000 + index}`);
    this.doc.subscribeLocalUpdates((update) => {
      if (this.isIn) this.#send(update);
    });
  }

  edit(prng: Prng): void {
    if (prng.below(2) === 0) this.doc.getMap('scratch').set(`k${prng.below(5)}`, prng.below(1_000));
    else {
      const text = this.doc.getText('text');
      text.insert(prng.below(text.length + 1), `${prng.below(10)}`);
    }
    this.doc.commit();
  }

  connect(id: number): void {
    // A closed socket hears nothing any more.
    const hear = (frame: Uint8Array): void => {
      if (this.peer?.id === id) this.toClient.push(decode(frame));
    };
    this.peer = {
      id,
      send: hear,
      sendCatchUp: (frames) => {
        for (const frame of frames) hear(bytesOfFrame(frame).slice());
      },
    };
    this.#join();
  }

  disconnect(): void {
    this.peer = undefined;
    this.isIn = false;
    this.toServer.length = 0;
    this.toClient.length = 0;
    this.unacknowledged.clear();
  }

  hear(message: ProtocolMessage): void {
    switch (message.type) {
      case MessageType.JoinResponseOk: {
        this.isIn = true;
        const server = VersionVector.decode(message.version);
        const order = this.doc.version().compare(server);
        if (order === undefined || order > 0) this.#send(this.doc.export({ mode: 'update', from: server }));
        break;
      }
      case MessageType.DocUpdate:
        for (const update of message.updates) this.doc.import(update);
        break;
      case MessageType.RoomError:
        expect(message.code).toBe(RoomErrorCode.RejoinSuggested);
        this.isIn = false;
        this.#join();
        break;
      case MessageType.Ack: {
        const at = this.unacknowledged.get(message.refId);
        if (message.status === UpdateStatusCode.Ok && at !== undefined) this.acknowledged.push(at);
        else expect(REFUSED_WITH).toContain(message.status);
        this.unacknowledged.delete(message.refId);
      }
    }
  }

  #join(): void {
    this.toServer.push({ kind: 'join', version: this.doc.version().encode() });
  }

  #send(update: Uint8Array): void {
    this.#batches += 1;
    const batchId: HexString = `0x${(this.#index * 2 ** 32 + this.#batches).toString(16).padStart(16, '0')}`;
    this.unacknowledged.set(batchId, ownVersion(this.doc));
    this.toServer.push({ kind: 'update', update, batchId });
  }
}

/** An acknowledgement speaks of the sender's own operations. */
function ownVersion(doc: LoroDoc): VersionVector {
  const peer = doc.peerIdStr;
  return new VersionVector(new Map([[peer, doc.oplogVersion().get(peer) ?? 0]]));
}
