// The room of a document: who is in it, what each update means to the others, when it may be acknowledged. It sees sockets as
// Peer and the document as something that answers commands in order; it neither waits nor knows the time, so a simulation can
// play it from one seed.
import type { Random } from '@hakiri/substrate/random';
import { type HexString, type Permission, UpdateStatusCode } from 'loro-protocol';
import { CommandHarmful } from '../document/document-errors.ts';
import type { Ends, HeldPeer, Snapshot, UpdateReply } from '../host/protocol.ts';
import { bytesOf } from '../host/update-reply.ts';
import { type Address, ack, joinOk } from '../socket/frames.ts';
import { joinExtra } from '../socket/join-extra.ts';
import type { Identity, JoinOutcome, JoinRequest, Membership, Peer } from '../socket/peer.ts';
import { ADMISSION_STATUS, BUSY, type Refusal, refusalOf } from '../socket/refusals.ts';
import { Broadcast } from './broadcast.ts';
import { type JoinAnswer, Joins } from './joins.ts';
import { Lacking } from './lacking.ts';
import type { RoomHost } from './room-host.ts';

export type RoomOptions = {
  address: Address;
  now(): number;
  random: Random;
  limits: { perFrame: number; queueBytes: number };
  onChanged(ends: Ends): void;
  /** Somebody is in, and the first concurrent edit would take long. */
  onCold(): void;
  /** The server wrote something in answer: to be stored, then announced. */
  onHealed(update: Uint8Array): void;
  /** Somebody wrote without knowing of all else: merging may not have kept everything. */
  onConcurrent(): void;
  /** The document must be loaded anew before the next change, after what this user sent. */
  onSpoilt(user: string): void;
  /** What this user sends is refused for a while. */
  isCooling?(user: string): boolean;
  /** Loro failed at what this peer sent: the sender has to be put out. */
  onBroken(broken: { peer: Peer; identity: Identity; updates: readonly Uint8Array[]; error: string }): void;
  observe: RoomObserver;
};

export type RoomObserver = {
  edited(bytes: number): void;
  refused(reason: string): void;
  acknowledged(latencyMs: number): void;
  joined(kind: 'current' | 'delta' | 'snapshot'): void;
};

type Member = {
  peer: Peer;
  identity: Identity;
  permission: Permission;
};

export class Room implements Membership {
  readonly #host: RoomHost;
  readonly #options: RoomOptions;
  readonly #members = new Map<number, Member>();
  readonly #broadcast: Broadcast;
  readonly #joins: Joins;
  readonly #lacking: Lacking;
  /** Peer → the member that wrote under it last. */
  #holders: Map<`${number}`, number> | undefined;

  constructor(host: RoomHost, options: RoomOptions) {
    this.#host = host;
    this.#options = options;
    this.#broadcast = new Broadcast({ address: options.address, queueBytes: options.limits.queueBytes });
    this.#joins = new Joins(host, {
      now: options.now,
      random: options.random,
      admit: (peer, request, answer, snapshot) => this.#admitted(peer, request, answer, snapshot),
    });
    this.#lacking = new Lacking(this.#broadcast);
  }

  get size(): number {
    return this.#members.size;
  }

  /** What who has nothing is sent first, until it is over. */
  share(snapshot: (() => Snapshot | undefined) | undefined): void {
    if (snapshot === undefined) this.#joins.snapshot.drop();
    else this.#joins.snapshot.offer(snapshot);
  }

  /** The host has it. */
  woke(isCold: boolean): void {
    if (isCold && this.size > 0) this.#options.onCold();
  }

  /** Of those who are here. */
  holders(): HeldPeer[] {
    return [...(this.#holders ?? [])].flatMap(([peer, connection]) => {
      const user = this.#members.get(connection)?.identity.user;
      return user === undefined ? [] : [{ peer, user, connection }];
    });
  }

  join(peer: Peer, request: JoinRequest, decided: (outcome: JoinOutcome) => void): void {
    this.#joins.begin(peer, request, decided);
  }

  leave(peerId: number): void {
    this.#joins.leave(peerId);
    this.#lacking.left(peerId);
    if (!this.#members.delete(peerId)) return;
    this.#broadcast.remove(peerId);
    for (const [peer, holder] of this.#holders ?? []) if (holder === peerId) this.#holders?.delete(peer);
    // At rest it knows of no socket; while it is opened anew, what waits may be this one's.
    if (!this.#host.isResting)
      this.#host.perform<'left'>(
        { kind: 'left', input: { connection: peerId } },
        () => {},
        () => {},
      );
  }

  permit(peerId: number, permission: Permission): void {
    const member = this.#members.get(peerId);
    if (member !== undefined) member.permission = permission;
  }

  fallBehind(peerId: number): void {
    this.#broadcast.fallBehind(peerId);
  }

  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void {
    const member = this.#members.get(peer.id);
    const refusal = this.#admit(member, updates);
    if (member === undefined || refusal !== undefined) {
      if (refusal !== undefined) this.#refuse(peer, batchId, refusal);
      return;
    }
    const { identity } = member;
    const atMs = this.#options.now();
    this.#host.perform<'update'>(
      { kind: 'update', input: { updates, user: identity.user, connection: peer.id, atMs } },
      (reply) => this.#updated(member, updates, batchId, atMs, reply),
      (error) => {
        if (!(error instanceof CommandHarmful)) return this.#refuse(peer, batchId, BUSY);
        this.#refuse(peer, batchId, refusalOf('broken'));
        this.#options.onBroken({ peer, identity, updates, error: error.message });
      },
    );
  }

  /** An edit that the server made, once it is durable: nobody may build on one that could still be lost. */
  announce(update: Uint8Array): void {
    this.#joins.snapshot.dropUnused();
    this.#broadcast.tell([{ update, from: undefined }]);
  }

  #admitted(
    peer: Peer,
    { identity, permission }: JoinRequest,
    reply: JoinAnswer,
    snapshot: Snapshot | undefined,
  ): JoinOutcome {
    if (reply.kind === 'version_unknown') return { kind: 'version_unknown', receiverVersion: reply.version };
    if (reply.kind !== 'joined') return { kind: reply.kind };
    const { address, observe } = this.#options;
    const catchUp = reply.updates.length > 0 ? 'delta' : 'current';
    observe.joined(snapshot === undefined ? catchUp : 'snapshot');
    const frames = [
      joinOk(address, permission, reply.version, joinExtra(identity.user, reply.peers)),
      ...(snapshot === undefined ? [] : this.#broadcast.snapshotFrames(snapshot.bytes)),
      ...this.#broadcast.framesOf(reply.updates),
    ];
    const member: Member = { peer, identity, permission };
    this.#members.set(peer.id, member);
    this.#lacking.joined(peer.id);
    this.#broadcast.add(peer);
    if (reply.isCold) this.#options.onCold();
    // The version in JoinOk acknowledges what it covers, so it leaves when that is durable.
    this.#host.whenDurable((stored) => {
      if (stored && this.#members.get(peer.id) === member) this.#broadcast.welcome(peer, frames);
    });
    return { kind: 'joined' };
  }

  #admit(member: Member | undefined, updates: readonly Uint8Array[]): Refusal | undefined {
    const { limits } = this.#options;
    if (member === undefined || member.permission !== 'write')
      return { status: UpdateStatusCode.PermissionDenied, reason: 'permission_denied' };
    if (updates.length === 0 || updates.length > limits.perFrame)
      return { status: UpdateStatusCode.InvalidUpdate, reason: 'updates_in_frame' };
    if (this.#options.isCooling?.(member.identity.user)) return COOLING;
    const reason = this.#host.refusal();
    return reason === undefined ? undefined : { status: ADMISSION_STATUS[reason], reason };
  }

  #updated(
    member: Member,
    updates: readonly Uint8Array[],
    batchId: HexString,
    receivedAtMs: number,
    reply: UpdateReply,
  ): void {
    const { peer, identity } = member;
    this.#publish(updates, reply, receivedAtMs, peer.id);
    if (reply.refusal === undefined) this.#acknowledge(peer, batchId, receivedAtMs);
    else this.#refuse(peer, batchId, refusalOf(reply.refusal));
    if (this.#members.get(peer.id) === member) {
      this.#lacking.awaits(peer.id, reply.awaited);
      if (reply.refusal === 'missing' || reply.refusal === 'history_compacted')
        this.#lacking.sendBack(peer.id);
    }
    if (reply.broken !== undefined) {
      const { index, error } = reply.broken;
      this.#options.onBroken({ peer, identity, updates: updates.slice(index, index + 1), error });
    }
    if (reply.isSpoilt || reply.broken !== undefined) this.#options.onSpoilt(identity.user);
  }

  /** To the others with whatever else this turn brings, to the log in the current group. */
  #publish(updates: readonly Uint8Array[], reply: UpdateReply, receivedAtMs: number, from: number): void {
    const news = reply.news.map((one) => ({ ...one, bytes: bytesOf(one, updates) }));
    if (news.length === 0) return;
    this.#holders ??= new Map();
    for (const [peer] of reply.ends) this.#holders.set(peer, from);
    this.#joins.snapshot.dropUnused();
    for (const { bytes: update, user } of news) {
      this.#options.observe.edited(update.length);
      this.#host.submit({ kind: 'update', actor: { kind: 'user', id: user }, receivedAtMs, update });
    }
    // Whose a new peer id is has to be known for ever before anybody holds operations under it.
    if (reply.isFirstOfPeer) this.#broadcast.raiseBarrier((settled) => this.#host.whenDurable(settled));
    this.#broadcast.tell(news.map(({ bytes }) => ({ update: bytes, from })));
    if (reply.healed !== undefined) this.#options.onHealed(reply.healed);
    if (reply.isConcurrent) this.#options.onConcurrent();
    this.#options.onChanged(reply.ends);
    this.#lacking.changed(reply.ends);
  }

  /**
   * Behind everything submitted so far: a repeat is acknowledged only when what it repeats is durable. When it will not be, the
   * document has stopped and closed the sockets of its members: who stays was joining again, and is told to send it again.
   */
  #acknowledge(peer: Peer, batchId: HexString, receivedAtMs: number): void {
    const { address, now, observe } = this.#options;
    this.#host.whenDurable((stored) => {
      if (!stored) return this.#refuse(peer, batchId, BUSY);
      peer.send(ack(address, batchId, UpdateStatusCode.Ok));
      observe.acknowledged(now() - receivedAtMs);
    });
  }

  #refuse(peer: Peer, batchId: HexString, { status, reason }: Refusal): void {
    this.#options.observe.refused(reason);
    peer.send(ack(this.#options.address, batchId, status));
  }
}

const COOLING: Refusal = { status: UpdateStatusCode.RateLimited, reason: 'cooling' };
