// A socket between a simulated client and a process: both directions are queues that the simulation moves, in order. What the
// server says is held against the truth at the moment in which it says it.
import { VersionVector } from 'loro-crdt';
import {
  CrdtType,
  decode,
  type HexString,
  MessageType,
  type ProtocolMessage,
  UpdateStatusCode,
} from 'loro-protocol';
import { SERVER_PEER } from '../host/document.ts';
import type { Connection } from '../socket/connection.ts';
import type { RawSocket } from '../socket/outbox.ts';
import { hashOf, type SaidFrame } from './said-frame.ts';
import { type SimulatedTruth, Violation } from './simulated-truth.ts';

/** Frames that the system takes of a peer that does not read. */
const SYSTEM_FRAMES = 2;
type Ends = readonly (readonly [string, number])[];

export class SimulatedSocket implements RawSocket {
  readonly toServer: Uint8Array[] = [];
  readonly toClient: ProtocolMessage[] = [];
  /** Of each batch that went out: what is durable when it is acknowledged. */
  readonly promised = new Map<HexString, Ends>();
  readonly refusals: number[] = [];
  readonly truth: SimulatedTruth;
  /** Its process lives, and neither side has closed it. */
  isOpen = true;
  closed: { code: number; reason: string } | undefined;
  isStalled = false;
  readonly #sent = new Map<HexString, string>();
  readonly #said = new Map<HexString, string[]>();
  readonly #open = new Set<HexString>();
  /** What waited for it was dropped once, answers among it: then a JoinOk acknowledges what its version covers. */
  #isBehind = false;
  readonly #covered = new Set<HexString>();
  #connection: Connection | undefined;

  constructor(truth: SimulatedTruth) {
    this.truth = truth;
  }

  connect(connection: Connection): void {
    this.#connection = connection;
    connection.open(this);
  }

  /** Something is to be delivered, or its end is to be heard. */
  get isBusy(): boolean {
    return this.toClient.length > 0 || !this.isOpen || this.toServer.length > 0;
  }

  /** On its way, in one frame or in fragments. */
  sends(batchId: HexString, update: Uint8Array, promised: Ends): void {
    const hash = hashOf(update);
    (this.truth.said.has(hash) ? this.truth.excused : this.truth.said).add(hash);
    this.#sent.set(batchId, hash);
    this.promised.set(batchId, promised);
  }

  /** One frame reaches the server. */
  deliver(): void {
    const frame = this.toServer.shift();
    if (frame === undefined || !this.isOpen) return;
    const message = decode(frame);
    if (message.type === MessageType.DocUpdate && message.crdt === CrdtType.Loro) {
      this.#open.add(message.batchId);
      // What it said is never to come back to it.
      const hashes = message.updates.map(hashOf);
      this.#said.set(message.batchId, hashes);
    }
    if (message.type === MessageType.DocUpdateFragmentHeader) this.#open.add(message.batchId);
    // Who joins again may get what it said once more: not as an echo, but behind the snapshot that all are given.
    if (message.type === MessageType.JoinRequest) this.#said.clear();
    this.#connection?.message(frame);
  }

  /** Batches that reached the server and were not answered. */
  get unanswered(): number {
    return this.#open.size;
  }

  /** Whether the version of a JoinOk has said it. */
  isCovered(batchId: HexString): boolean {
    return this.#covered.has(batchId);
  }

  /** The client's end is gone; the server may see that later. */
  drop(): void {
    this.toClient.length = 0;
    this.isStalled = false;
  }

  /** The server sees that it is gone. */
  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#connection?.close();
  }

  /** With its process. */
  cut(): void {
    this.isOpen = false;
    this.toClient.length = 0;
    this.closed ??= { code: 1006, reason: 'gone' };
  }

  unstall(): void {
    this.isStalled = false;
    if (this.isOpen) this.#connection?.drain();
  }

  send(data: Uint8Array | string): number {
    if (!this.isOpen || typeof data === 'string') return 0;
    if (this.isStalled && this.toClient.length >= SYSTEM_FRAMES) return 0;
    const said = this.truth.lastFrame.of(data);
    try {
      this.#check(said);
    } catch (error) {
      // The server called, and would take it for its own.
      if (error instanceof Violation) this.truth.broken ??= error;
    }
    this.toClient.push(said.message);
    return this.isStalled ? -1 : data.length;
  }

  close(code: number, reason: string): void {
    this.isOpen = false;
    this.closed ??= { code, reason };
  }

  terminate(): void {
    this.toClient.length = 0;
    this.closed ??= { code: 1006, reason: 'terminated' };
    queueMicrotask(() => this.end());
  }

  #check({ message, news }: SaidFrame): void {
    if (message.crdt !== CrdtType.Loro) return;
    if (message.type === MessageType.Ack) this.#checkAck(message.refId, message.status);
    if (message.type === MessageType.RoomError && message.message === 'too_slow') this.#isBehind = true;
    if (message.type === MessageType.JoinResponseOk) {
      const ends = endsOf(message.version);
      if (!this.truth.includes(ends))
        throw new Violation('[SY2.4] a join names a version that is not durable');
      if (this.#isBehind) this.#cover(new Map(ends));
    }
    for (const update of news) this.#checkNews(update);
  }

  #cover(version: ReadonlyMap<string, number>): void {
    for (const batchId of this.#open) {
      const promised = this.promised.get(batchId) ?? [];
      if (promised.some(([peer, end]) => (version.get(peer) ?? 0) < end)) continue;
      this.#open.delete(batchId);
      this.#covered.add(batchId);
    }
  }

  #checkAck(batchId: HexString, status: number): void {
    if (!this.#open.delete(batchId) && !this.#covered.delete(batchId))
      throw new Violation(`${batchId} is answered twice, or was never asked`);
    const promised = this.promised.get(batchId);
    if (status !== UpdateStatusCode.Ok) {
      this.refusals.push(status);
      // Loro may keep it, and then it comes as what another's update set free.
      const hash = this.#sent.get(batchId);
      if (hash !== undefined) this.truth.excused.add(hash);
      this.#said.delete(batchId);
    } else if (promised !== undefined && !this.truth.includes(promised))
      throw new Violation(`[SY2.1] ${batchId} is acknowledged and not durable`);
  }

  #checkNews({ header, hash }: SaidFrame['news'][number]): void {
    if (header === undefined) throw new Violation('what the server says cannot be read');
    for (const [peer, end] of header.ends) {
      if (!this.truth.owners.has(peer)) throw new Violation(`[SY5.4] ${peer} is told before it is anybody's`);
      if (peer === SERVER_PEER && !this.truth.includes([[peer, end]]))
        throw new Violation('an edit of the server is told before it is durable');
    }
    if ([...this.#said.values()].flat().includes(hash) && !this.truth.excused.has(hash))
      throw new Violation(`[SY3.1] an echo of ${[...header.ends]}`);
  }
}

function endsOf(version: Uint8Array): Ends {
  return version.length === 0 ? [] : [...VersionVector.decode(version).toJSON()];
}
