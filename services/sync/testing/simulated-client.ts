// Does what a client does over a simulated socket: joins with its version, sends what the server lacks, edits meanwhile, comes
// back. `stock` knows no device; one with a device writes under the ids that it is leased, one for each tab.
import { fromUtf8, utf8 } from '@hakiri/base/bytes';
import type { Prng } from '@hakiri/base/prng';
import { deletePipeline, renamePipeline, setText } from '@hakiri/config-doc/edit';
import { type JoinPayload, LORO_RANGE, PROTOCOL_RANGE } from '@hakiri/contracts/join';
import { NOTICE_KEY_PREFIX } from '@hakiri/contracts/notice';
import { LoroDoc, VersionVector } from 'loro-crdt';
import {
  CrdtType,
  encode,
  type HexString,
  MessageType,
  type ProtocolMessage,
  RoomErrorCode,
  UpdateStatusCode,
} from 'loro-protocol';
import { decodeEphemeral, encodeEntry } from '../socket/ephemeral-codec.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import { Violation } from './simulated-truth.ts';

/** What the tabs of one browser know together: where each leased id ends, and which tab has it. */
export type Device = { id: string; ends: Map<string, number>; held: Map<string, SimulatedClient> };

export const PIPELINES = ['A', 'B', 'C'].map((name) => name.padStart(26, '0'));

export class SimulatedClient {
  doc = new LoroDoc();
  readonly user: string;
  readonly name: string;
  readonly device: Device | undefined;
  /** Ids that it wrote under. */
  readonly own = new Set<string>();
  socket: SimulatedSocket | undefined;
  notices = new Set<string>();
  #isIn = false;
  #joinedAt: VersionVector | undefined;
  #offered: readonly string[] = [];
  readonly #away = new Set<HexString>();
  #batches = 0;
  readonly #index: number;

  constructor(index: number, name: string, user: string, device: Device | undefined) {
    this.#index = index;
    this.name = name;
    this.user = user;
    this.device = device;
    this.#become(`${1_000 + index}`);
    this.#watch();
  }

  get isSettled(): boolean {
    return this.#isIn && this.#away.size === 0;
  }

  edit(prng: Prng): void {
    const key = prng.pick(PIPELINES);
    const dice = prng.below(10);
    if (dice < 3) this.doc.getMap('scratch').set(`k${prng.below(5)}`, prng.below(1_000));
    else if (dice < 5) setText(this.doc, key, 'description', `by ${this.user} ${prng.below(1_000)}`);
    else if (dice < 7) renamePipeline(this.doc, key, `by-${this.user}-${prng.below(1_000)}`);
    else if (dice < 8 && prng.below(4) === 0) deletePipeline(this.doc, key);
    else {
      const text = this.doc.getText('text');
      const at = prng.below(text.length + 1);
      if (text.length > 40) text.delete(0, 30);
      else text.insert(at, `${prng.below(10)}`);
    }
    this.doc.commit();
  }

  connect(socket: SimulatedSocket): void {
    this.socket = socket;
    this.join();
  }

  /** Answers its socket, which the server may still take for open. */
  disconnect(): SimulatedSocket | undefined {
    const { socket } = this;
    this.socket = undefined;
    this.#isIn = false;
    this.#away.clear();
    socket?.drop();
    return socket;
  }

  join(): void {
    this.#isIn = false;
    const payload: JoinPayload = {
      token: this.user,
      ...(this.device === undefined ? {} : { device: this.device.id }),
      speaks: { protocol: PROTOCOL_RANGE, loro: LORO_RANGE, schema: [0, 1_000] },
    };
    const auth = utf8(this.device === undefined ? this.user : JSON.stringify(payload));
    const version = this.doc.version().encode();
    this.#say({ type: MessageType.JoinRequest, crdt: CrdtType.Loro, roomId: this.name, auth, version });
    const news = { crdt: CrdtType.LoroEphemeralStorePersisted, roomId: this.name, version: new Uint8Array() };
    this.notices = new Set();
    this.#say({ type: MessageType.JoinRequest, ...news, auth: utf8(this.user) });
  }

  /** The page is loaded anew: what it kept is there, the socket and the id are not. */
  reload(peer: string): void {
    const kept = this.doc.export({ mode: 'snapshot' });
    this.doc.free();
    this.doc = new LoroDoc();
    this.doc.import(kept);
    if (this.device !== undefined)
      for (const [leased, tab] of this.device.held) if (tab === this) this.device.held.delete(leased);
    this.#offered = [];
    this.#become(peer);
    this.#watch();
  }

  dismiss(prng: Prng): void {
    const [...ids] = this.notices;
    if (ids.length === 0) return;
    const update = encodeEntry({ key: NOTICE_KEY_PREFIX + prng.pick(ids), value: undefined, atMs: 1 });
    const room = { crdt: CrdtType.LoroEphemeralStorePersisted, roomId: this.name };
    this.#say({ type: MessageType.DocUpdate, ...room, updates: [update], batchId: this.#batchId() });
  }

  /** Not from its document: nothing is promised about it. */
  sendRaw(update: Uint8Array): void {
    const room = { crdt: CrdtType.Loro, roomId: this.name };
    this.#say({ type: MessageType.DocUpdate, ...room, updates: [update], batchId: this.#batchId() });
  }

  hear(message: ProtocolMessage): void {
    if (message.crdt === CrdtType.LoroEphemeralStorePersisted) this.#hearNews(message);
    else
      switch (message.type) {
        case MessageType.JoinResponseOk:
          this.#enter(VersionVector.decode(message.version), message.extra);
          break;
        case MessageType.DocUpdate:
          for (const update of message.updates) this.doc.import(update);
          break;
        case MessageType.RoomError:
          if (message.code === RoomErrorCode.RejoinSuggested) this.join();
          break;
        case MessageType.Ack:
          this.#away.delete(message.refId);
          // What was refused goes with the next join.
          if (message.status !== UpdateStatusCode.Ok && message.status !== UpdateStatusCode.RateLimited)
            break;
          break;
        case MessageType.JoinError:
          this.#isIn = false;
      }
    this.#lease();
  }

  #enter(server: VersionVector, extra: Uint8Array | undefined): void {
    this.#isIn = true;
    this.#joinedAt = server;
    for (const batchId of this.#away) if (this.socket?.isCovered(batchId)) this.#away.delete(batchId);
    const said: { peers?: string[] } = JSON.parse(fromUtf8(extra ?? utf8('{}')));
    this.#offered = said.peers ?? [];
    this.#sendUnsent(new Map<string, number>(server.toJSON()));
  }

  /** Its own alone, as what others wrote is theirs to bring; in an order in which nothing waits, one id a message. */
  #sendUnsent(server: ReadonlyMap<string, number>): void {
    const { doc } = this;
    const unsent = [...this.own].flatMap((peer) =>
      (doc.getAllChanges().get(peer as `${number}`) ?? [])
        .map(({ counter, length, lamport }) => ({ peer, counter, end: counter + length, lamport }))
        .filter(({ end }) => end > (server.get(peer) ?? 0)),
    );
    for (const { peer, counter, end } of unsent.sort((a, b) => a.lamport - b.lamport)) {
      const from = Math.max(counter, server.get(peer) ?? 0);
      const spans = [{ id: { peer: peer as `${number}`, counter: from }, len: end - from }];
      this.#send(doc.export({ mode: 'updates-in-range', spans }), [[peer, end]]);
    }
  }

  /** When it has caught up and nothing is on its way. */
  #lease(): void {
    const { device } = this;
    if (device === undefined || !this.isSettled || this.#joinedAt === undefined) return;
    if (device.held.get(this.doc.peerIdStr) === this) return;
    const order = this.doc.oplogVersion().compare(this.#joinedAt);
    if (order === undefined || order < 0) return;
    const free = this.#offered.find(
      (peer) => !device.held.has(peer) && (device.ends.get(peer) ?? 0) === (this.#endOf(peer) ?? 0),
    );
    if (free === undefined) return;
    device.held.set(free, this);
    this.#become(free);
  }

  #hearNews(message: ProtocolMessage): void {
    if (message.type !== MessageType.DocUpdate) return;
    for (const update of message.updates)
      for (const { key, value } of decodeEphemeral(update) ?? []) {
        if (!key.startsWith(NOTICE_KEY_PREFIX)) continue;
        const id = key.slice(NOTICE_KEY_PREFIX.length);
        if (value === undefined) this.notices.delete(id);
        else this.notices.add(id);
      }
  }

  #become(peer: string): void {
    this.doc.setPeerId(peer as `${number}`);
    this.own.add(peer);
  }

  #watch(): void {
    const { doc } = this;
    doc.subscribeLocalUpdates((update) => {
      const peer = doc.peerIdStr;
      const end = this.#endOf(peer) ?? 0;
      this.device?.ends.set(peer, end);
      if (this.#isIn) this.#send(update, [[peer, end]]);
    });
  }

  #endOf(peer: string): number | undefined {
    return this.doc
      .oplogVersion()
      .toJSON()
      .get(peer as `${number}`);
  }

  #send(update: Uint8Array, promised: [string, number][]): void {
    const { socket } = this;
    if (socket === undefined) throw new Violation('a client without a socket sends nothing');
    const batchId = this.#batchId();
    this.#away.add(batchId);
    socket.sends(batchId, update, promised);
    const room = { crdt: CrdtType.Loro, roomId: this.name };
    const half = update.length >> 1;
    if (this.#batches % 7 > 0) {
      this.#say({ type: MessageType.DocUpdate, ...room, updates: [update], batchId });
      return;
    }
    const header = { fragmentCount: 2, totalSizeBytes: update.length };
    this.#say({ type: MessageType.DocUpdateFragmentHeader, ...room, batchId, ...header });
    for (const [index, fragment] of [update.subarray(0, half), update.subarray(half)].entries())
      this.#say({ type: MessageType.DocUpdateFragment, ...room, batchId, index, fragment });
  }

  #batchId(): HexString {
    this.#batches += 1;
    return `0x${(this.#index * 2 ** 32 + this.#batches).toString(16).padStart(16, '0')}`;
  }

  #say(message: ProtocolMessage): void {
    this.socket?.toServer.push(encode(message));
  }
}
