// One socket: decodes its frames, bounds what it may cost, and hands each to its seat. What cannot be decoded, or is nothing
// a client says, closes the socket; everything else has an answer in the protocol.
import type { SocketData } from '@hakiri/service/service';
import { type Bucket, fullBucket, takeToken } from '@hakiri/service/token-bucket';
import type { Timer } from '@hakiri/substrate/clock';
import type { DocumentId } from '@hakiri/substrate/document-log';
import { CrdtType, JoinErrorCode, MessageType, type ProtocolMessage, UpdateStatusCode } from 'loro-protocol';
import type { SyncMetrics } from '../metrics.ts';
import { type Admit, documentOf } from './admission.ts';
import { CLOSE_PROTOCOL, CLOSE_TRY_LATER } from './close-codes.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import { type BatchRef, batchKey, FRAGMENT_STATUS, type FragmentOutcome, Fragments } from './fragments.ts';
import { type Address, ack, joinError } from './frames.ts';
import { decodeFrame } from './incoming.ts';
import { parseJoinPayload } from './join-payload.ts';
import { Outbox, type RawSocket, type Turn } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Reauthorizable } from './reauthorize.ts';
import { Seat } from './seat.ts';
import type { SeatDeps, SeatHooks } from './seat-deps.ts';

export type ConnectionDeps = SeatDeps & {
  metrics: SyncMetrics;
  turn: Turn;
  /** Sockets in no room, which cost memory for nothing. */
  roomless: Deadlines;
  onClosed(connection: Connection): void;
};

type JoinMessage = Extract<ProtocolMessage, { type: typeof MessageType.JoinRequest }>;
type BatchHeader = { fragmentCount: number; totalSizeBytes: number };

/** A frame costs one token, and one more for each of these. */
const BYTES_PER_TOKEN = 8 * 1024;
/** A socket that goes on sending although every frame is refused is closed after this many. */
const OVER_RATE_LIMIT = 1_000;
const SERVED: readonly CrdtType[] = [
  CrdtType.Loro,
  CrdtType.LoroEphemeralStore,
  CrdtType.LoroEphemeralStorePersisted,
];

export class Connection implements SocketData, Reauthorizable, Peer, SeatHooks, Expiring {
  readonly id: number;
  /** Of a socket in no room. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  readonly #deps: ConnectionDeps;
  /** Few: a list is searched faster than a key is made, and costs less. */
  readonly #seats: Seat[] = [];
  /** Most sockets never need them. */
  #fragments: Fragments<BatchRef> | undefined;
  #socket: RawSocket | undefined;
  #outbox: Outbox | undefined;
  #bucket: Bucket;
  #overRate = 0;
  #fragmentTimer: Timer | undefined;

  constructor(id: number, deps: ConnectionDeps) {
    this.id = id;
    this.#deps = deps;
    this.#bucket = fullBucket(deps.config.frames, deps.clock.now());
  }

  get rooms(): number {
    return this.#seats.length;
  }

  open(socket: RawSocket): void {
    const { clock, config, metrics, turn } = this.#deps;
    this.#outbox = new Outbox({
      socket,
      clock,
      turn,
      limitBytes: config.queueBytes,
      catchUpLimitBytes: config.catchUpBytes,
      stallMs: config.stallMs,
      onOverflow: () => this.#fallBehind(),
      onSent: metrics.sent,
    });
    this.#socket = socket;
    this.#watchRoomless();
  }

  send(frame: Uint8Array): void {
    this.#outbox?.send(frame);
  }

  sendCatchUp(frames: readonly Uint8Array[]): void {
    this.#outbox?.sendCatchUp(frames);
  }

  onGone(address: Address): void {
    const seat = this.#seatAt(address);
    if (seat === undefined) return;
    this.#seats.splice(this.#seats.indexOf(seat), 1);
    this.#deps.metrics.members.dec();
    this.#watchRoomless();
  }

  /** It is in no room for too long. */
  expire(): void {
    this.end(CLOSE_TRY_LATER, 'no_room');
  }

  message(data: string | Uint8Array): void {
    if (this.#socket === undefined) return;
    const isWithinRate = this.#take(data.length);
    if (typeof data === 'string') {
      if (data === 'ping' && isWithinRate) this.#pong(this.#socket);
      return;
    }
    this.#deps.metrics.received(data.length);
    const message = decodeFrame(data);
    if (message === undefined) this.end(CLOSE_PROTOCOL, 'malformed_frame');
    else this.#dispatch(message, data.length, isWithinRate);
  }

  drain(): void {
    this.#outbox?.drain();
  }

  close(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#deps.roomless.delete(this);
    this.#fragmentTimer?.cancel();
    this.#outbox?.close();
    for (const seat of [...this.#seats]) seat.leave();
    this.#deps.onClosed(this);
  }

  /** Closes the socket from our side. */
  end(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#deps.metrics.cutOff(reason);
    // What was said before is heard before.
    this.#outbox?.flush();
    socket.close(code, reason);
    this.close();
  }

  async reauthorize(ask: Admit, team: string | undefined): Promise<void> {
    const seats = this.#seats.filter((seat) => team === undefined || seat.team === team);
    await Promise.all(seats.map((seat) => seat.reauthorize(ask))).catch(() =>
      this.end(CLOSE_TRY_LATER, 'unavailable'),
    );
  }

  #pong(socket: RawSocket): void {
    this.#outbox?.flush();
    socket.send('pong');
  }

  #dispatch(message: ProtocolMessage, bytes: number, isWithinRate: boolean): void {
    const { crdt, roomId } = message;
    const address = { crdt, roomId };
    const seat = this.#seatAt(address);
    switch (message.type) {
      case MessageType.JoinRequest:
        if (isWithinRate) this.#join(message);
        else this.#refuseJoin(address, 'rate_limited');
        break;
      case MessageType.DocUpdate: {
        const ref = { address, batchId: message.batchId };
        if (isWithinRate) this.#update(ref, message.updates, bytes);
        else this.#ack(ref, UpdateStatusCode.RateLimited);
        break;
      }
      case MessageType.DocUpdateFragmentHeader:
        this.#beginBatch({ address, batchId: message.batchId }, message, isWithinRate);
        break;
      case MessageType.DocUpdateFragment: {
        const ref = { address, batchId: message.batchId };
        this.#settle(ref, this.#batches().add(batchKey(ref), message.index, message.fragment));
        break;
      }
      // A client that could not take what it was sent leaves, like one that says so.
      case MessageType.JoinError:
      case MessageType.Leave:
        seat?.leave();
        break;
      case MessageType.Ack:
        if (message.status === UpdateStatusCode.FragmentTimeout) seat?.fallBehind();
        break;
      case MessageType.JoinResponseOk:
      case MessageType.RoomError:
        this.end(CLOSE_PROTOCOL, 'not_for_clients');
    }
  }

  #join({ crdt, roomId, auth, version }: JoinMessage): void {
    const address = { crdt, roomId };
    const id = documentOf(roomId);
    const seat = this.#seatAt(address);
    if (id === undefined) this.#refuseJoin(address, 'not_found');
    else if (!SERVED.includes(crdt)) this.#refuseJoin(address, 'unsupported_crdt');
    else if (seat === undefined && this.#seats.length >= this.#deps.config.roomsPerSocket)
      this.#refuseJoin(address, 'too_many_rooms');
    else (seat ?? this.#newSeat(address, id))?.join({ ...parseJoinPayload(auth), version });
  }

  #newSeat(address: Address, id: DocumentId): Seat | undefined {
    if (this.#outbox === undefined) return undefined;
    const seat = new Seat(this, address, id, this.#deps, this);
    this.#seats.push(seat);
    this.#deps.metrics.members.inc();
    this.#watchRoomless();
    return seat;
  }

  #seatAt({ crdt, roomId }: Address): Seat | undefined {
    return this.#seats.find(({ address }) => address.roomId === roomId && address.crdt === crdt);
  }

  #update(ref: BatchRef, updates: readonly Uint8Array[], bytes: number): void {
    const seat = this.#seatAt(ref.address);
    if (seat === undefined) this.#ack(ref, UpdateStatusCode.PermissionDenied);
    else seat.update({ updates, batchId: ref.batchId, bytes });
  }

  #beginBatch(ref: BatchRef, header: BatchHeader, isWithinRate: boolean): void {
    const seat = this.#seatAt(ref.address);
    const denial = seat === undefined ? UpdateStatusCode.PermissionDenied : seat.refusalOf();
    const refusal = denial ?? (isWithinRate ? undefined : UpdateStatusCode.RateLimited);
    if (refusal !== undefined) {
      this.#batches().refuse(batchKey(ref));
      this.#ack(ref, refusal);
      return;
    }
    const { fragmentCount, totalSizeBytes } = header;
    const now = this.#deps.clock.now();
    this.#settle(ref, this.#batches().begin(batchKey(ref), ref, fragmentCount, totalSizeBytes, now));
    this.#watchFragments();
  }

  #settle(ref: BatchRef, outcome: FragmentOutcome): void {
    if (outcome.kind === 'complete') this.#update(ref, [outcome.update], outcome.update.length);
    if (outcome.kind === 'refused') this.#ack(ref, FRAGMENT_STATUS[outcome.reason]);
  }

  #batches(): Fragments<BatchRef> {
    const { fragments, update } = this.#deps.config;
    this.#fragments ??= new Fragments(fragments, update.bytes);
    return this.#fragments;
  }

  #watchFragments(): void {
    const { clock } = this.#deps;
    const at = this.#fragments?.nextDeadlineMs();
    if (at === undefined || this.#fragmentTimer !== undefined) return;
    this.#fragmentTimer = clock.after(Math.max(0, at - clock.now()), () => {
      this.#fragmentTimer = undefined;
      for (const ref of this.#batches().expire(clock.now())) this.#ack(ref, UpdateStatusCode.FragmentTimeout);
      this.#watchFragments();
    });
  }

  #watchRoomless(): void {
    const { clock, config, roomless } = this.#deps;
    roomless.delete(this);
    if (this.#socket === undefined || this.#seats.length > 0) return;
    this.expiresAtMs = clock.now() + config.roomlessMs;
    roomless.add(this);
  }

  #fallBehind(): void {
    this.#deps.metrics.cutOff('too_slow');
    for (const seat of [...this.#seats]) seat.fallBehind();
  }

  #take(bytes: number): boolean {
    const { clock, config } = this.#deps;
    const cost = 1 + Math.floor(bytes / BYTES_PER_TOKEN);
    const { bucket, taken } = takeToken(this.#bucket, config.frames, clock.now(), cost);
    this.#bucket = bucket;
    this.#overRate = taken ? 0 : this.#overRate + 1;
    if (this.#overRate > OVER_RATE_LIMIT) this.end(CLOSE_TRY_LATER, 'rate_limited');
    return taken;
  }

  #refuseJoin(address: Address, code: string): void {
    this.#deps.metrics.joinRefused(code);
    this.send(joinError(address, JoinErrorCode.AppError, code));
  }

  #ack({ address, batchId }: BatchRef, status: UpdateStatusCode): void {
    if (status !== UpdateStatusCode.Ok) this.#deps.metrics.refused(`frame_${status}`);
    this.send(ack(address, batchId, status));
  }
}
