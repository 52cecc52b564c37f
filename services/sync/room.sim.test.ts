// A simulation of the room from one seed: clients edit, lag, disconnect and come back; the log stores in groups when it likes;
// the server dies and loads what was stored. At the end everybody holds the same, and nothing acknowledged is lost.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { LoroDoc, VersionVector } from 'loro-crdt';
import {
  CrdtType,
  decode,
  type HexString,
  MessageType,
  type ProtocolMessage,
  RoomErrorCode,
  UpdateStatusCode,
} from 'loro-protocol';
import type { Settled } from './commit-group.ts';
import { DEFAULTS } from './config.ts';
import { Document } from './document.ts';
import type { Peer } from './peer.ts';
import { decodeRecord } from './record.ts';
import { type Held, Room } from './room.ts';

const SEEDS = 60;
const STEPS = 250;
const CLIENTS = 4;
const ADDRESS = { crdt: CrdtType.Loro, roomId: 'default/main' };
const NOBODY = { edited: () => {}, refused: () => {}, acknowledged: () => {}, joined: () => {} };

/** The log: what is stored stays, what waits is lost with the server. */
class SimulatedLog {
  readonly stored: Uint8Array[] = [];
  readonly durable = new LoroDoc();
  #waiting: { entry: Uint8Array; settled: Settled[] }[] = [];

  submit = (entry: Uint8Array, settled: Settled): void => {
    this.#waiting.push({ entry, settled: [settled] });
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

type ToServer =
  | { kind: 'join'; version: Uint8Array }
  | { kind: 'update'; update: Uint8Array; batchId: HexString };

/** Does what the stock client does, over queues that the simulation moves. */
class SimulatedClient {
  readonly doc = new LoroDoc();
  readonly toServer: ToServer[] = [];
  readonly toClient: ProtocolMessage[] = [];
  /** Of each batch on its way: the state in which it was sent. */
  readonly unacknowledged = new Map<HexString, VersionVector>();
  /** Everything up to here was acknowledged. */
  readonly acknowledged: VersionVector[] = [];
  peer: Peer | undefined;
  isIn = false;
  readonly #index: number;
  #batches = 0;

  constructor(index: number) {
    this.#index = index;
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
    this.peer = { id, send: hear, sendCatchUp: (frames) => frames.forEach(hear) };
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
        else expect(message.status).toBe(UpdateStatusCode.AppError);
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

class Simulation {
  readonly #prng: Prng;
  readonly #log = new SimulatedLog();
  readonly #clients = Array.from({ length: CLIENTS }, (_, index) => new SimulatedClient(index));
  #room: Room;
  #lastPeer = 0;

  constructor(seed: number) {
    this.#prng = createPrng(seed);
    this.#room = this.#start();
  }

  run(): void {
    for (let step = 0; step < STEPS; step++) this.#step();
    this.#settle();
    const [first, ...others] = this.#clients;
    for (const other of others) expect(other.doc.toJSON()).toEqual(first?.doc.toJSON());
    expect(this.#log.durable.toJSON()).toEqual(first?.doc.toJSON());
  }

  #step(): void {
    const client = this.#prng.pick(this.#clients);
    const dice = this.#prng.below(100);
    if (dice < 30) client.edit(this.#prng);
    else if (dice < 60) this.#deliver(client);
    else if (dice < 80) this.#log.store(1 + this.#prng.below(4));
    else if (dice < 88) this.#toggle(client);
    else if (dice < 94) this.#lag(client);
    else if (dice < 96) this.#crash();
    else for (let count = 0; count < 6; count++) this.#deliver(client);
    for (const one of this.#clients) this.#checkAcknowledged(one);
  }

  #start(): Room {
    const updates = this.#log.stored.flatMap((entry) => {
      const record = decodeRecord(entry);
      return record.kind === 'update' ? [record.update] : [];
    });
    const document = Document.load(undefined, updates, { ...DEFAULTS, deltaCounters: 30 });
    const held: Held = { document, commits: this.#log };
    return new Room(held, {
      address: ADDRESS,
      now: () => 0,
      limits: { perFrame: 10, queueBytes: 1e9 },
      refusal: () => undefined,
      onChanged: () => {},
      onSpoilt: () => {
        throw new Error('nothing here waits for what is missing for long');
      },
      onBroken: ({ error }) => {
        throw error;
      },
      observe: NOBODY,
    });
  }

  #deliver(client: SimulatedClient): void {
    const { peer } = client;
    if (peer === undefined) return;
    const heard = this.#prng.below(2) === 0 ? client.toClient.shift() : undefined;
    if (heard !== undefined) {
      client.hear(heard);
      return;
    }
    const said = client.toServer.shift();
    if (said?.kind === 'update') this.#room.update(peer, [said.update], said.batchId);
    if (said?.kind === 'join') {
      const identity = { user: `u${peer.id}`, name: 'U' };
      this.#room.join(peer, {
        identity,
        permission: 'write',
        version: said.version,
        extra: new Uint8Array(),
      });
    }
  }

  #toggle(client: SimulatedClient): void {
    if (client.peer === undefined) {
      this.#lastPeer += 1;
      client.connect(this.#lastPeer);
    } else {
      this.#room.leave(client.peer.id);
      client.disconnect();
    }
  }

  /** Its queue overflowed: what waited for it is dropped. */
  #lag(client: SimulatedClient): void {
    if (client.peer === undefined || !client.isIn) return;
    const kept = client.toClient.filter(({ type }) => type !== MessageType.DocUpdate);
    client.toClient.splice(0, client.toClient.length, ...kept);
    this.#room.fallBehind(client.peer.id);
  }

  #crash(): void {
    this.#log.lose();
    for (const client of this.#clients) client.disconnect();
    this.#room = this.#start();
  }

  /** The weather clears: everybody comes back and everything arrives. */
  #settle(): void {
    for (const client of this.#clients) if (client.peer === undefined) this.#toggle(client);
    for (let quiet = 0; quiet < 3; quiet++) {
      this.#log.store(Number.POSITIVE_INFINITY);
      for (const client of this.#clients)
        while (client.toServer.length + client.toClient.length > 0) {
          this.#deliver(client);
          this.#log.store(Number.POSITIVE_INFINITY);
          quiet = 0;
        }
    }
  }

  #checkAcknowledged(client: SimulatedClient): void {
    const durable = this.#log.durable.oplogVersion();
    for (const version of client.acknowledged.splice(0)) {
      const order = durable.compare(version);
      expect(order === 0 || order === 1).toBe(true);
    }
  }
}

describe('simulated rooms', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`[SY3.6] seed ${seed}: everybody converges, nothing acknowledged is lost`, () =>
      new Simulation(seed).run());
});
