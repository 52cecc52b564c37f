// The room of a document: who is in it, what each update means to the others, when it may be acknowledged. It sees sockets as
// Peer and the log as a queue; it neither waits nor knows the time, so a simulation can play it from one seed.
import type { Actor } from '@hakiri/contracts/envelope';
import { type HexString, type Permission, RoomErrorCode, UpdateStatusCode } from 'loro-protocol';
import type { CommitGroup } from './commit-group.ts';
import type { Document, ImportOutcome } from './document.ts';
import { type Address, ack, createBatchIds, joinOk, roomError, updateFrames } from './frames.ts';
import type { Identity, JoinOutcome, JoinRequest, Membership, Peer } from './peer.ts';
import type { AdmissionRefusal } from './persisted-document.ts';
import { encodeRecord } from './record.ts';

export type RoomOptions = {
  address: Address;
  now(): number;
  limits: { perFrame: number; queueBytes: number };
  /** Undefined when the document takes a change now. */
  refusal(): AdmissionRefusal | undefined;
  onChanged(): void;
  /** The document must be loaded anew before the next change; nobody is to blame. */
  onSpoilt(): void;
  /** Loro failed at this update: the document must be loaded anew, and the sender put out. */
  onBroken(broken: { peer: Peer; identity: Identity; update: Uint8Array; error: unknown }): void;
  observe: RoomObserver;
};

export type RoomObserver = {
  edited(bytes: number): void;
  refused(reason: string): void;
  acknowledged(latencyMs: number): void;
  joined(kind: 'current' | 'delta' | 'snapshot'): void;
};

export type Held = {
  document: Document;
  commits: Pick<CommitGroup, 'submit' | 'whenDurable'>;
};

type Member = {
  peer: Peer;
  identity: Identity;
  permission: Permission;
  /** Live members get what happens; one that catches up gets it when it has; one behind gets nothing until it rejoins. */
  phase: 'catching_up' | 'live' | 'behind';
  waiting: Uint8Array[];
  waitingBytes: number;
  /** A suggestion to rejoin is under way: once is enough. */
  suggested: boolean;
};

type Applied = {
  news: Uint8Array[];
  refusal: Refusal | undefined;
  broken?: { update: Uint8Array; error: unknown };
};
type Refusal = { status: UpdateStatusCode; reason: string };

export class Room implements Membership {
  readonly #options: RoomOptions;
  readonly #members = new Map<number, Member>();
  readonly #nextBatchId = createBatchIds();
  #held: Held;
  /** Of the last snapshot: everybody who joins at that version gets the same frames. */
  #snapshotFrames: { snapshot: Uint8Array; frames: Uint8Array[] } | undefined;

  constructor(held: Held, options: RoomOptions) {
    this.#held = held;
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** After a reload: the same content, from the log. */
  hold(held: Held): void {
    this.#held = held;
    this.#snapshotFrames = undefined;
  }

  join(peer: Peer, { identity, permission, version, extra }: JoinRequest): JoinOutcome {
    const { document, commits } = this.#held;
    const catchUp = document.catchUp(version);
    const receiverVersion = document.encodedVersion();
    if (catchUp.kind === 'version_unknown') return { kind: 'version_unknown', receiverVersion };
    this.#options.observe.joined(catchUp.kind);
    const frames = [joinOk(this.#options.address, permission, receiverVersion, extra)];
    if (catchUp.kind === 'snapshot') frames.push(...this.#framesOfSnapshot(catchUp.update));
    if (catchUp.kind === 'delta') frames.push(...this.#framesOf([catchUp.update]));
    const member: Member = {
      peer,
      identity,
      permission,
      phase: 'catching_up',
      waiting: [],
      waitingBytes: 0,
      suggested: false,
    };
    this.#members.set(peer.id, member);
    // The version in JoinOk acknowledges what it covers, so it leaves when that is durable.
    commits.whenDurable((stored) => {
      if (stored && this.#members.get(peer.id) === member) this.#welcome(member, frames);
    });
    return { kind: 'joined' };
  }

  leave(peerId: number): void {
    this.#members.delete(peerId);
  }

  permit(peerId: number, permission: Permission): void {
    const member = this.#members.get(peerId);
    if (member !== undefined) member.permission = permission;
  }

  fallBehind(peerId: number): void {
    const member = this.#members.get(peerId);
    if (member === undefined) return;
    this.#dropBehind(member);
    this.#suggestRejoin(member, 'too_slow');
  }

  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void {
    const member = this.#members.get(peer.id);
    const refusal = this.#admit(member, updates);
    if (member === undefined || refusal !== undefined) {
      if (refusal !== undefined) this.#refuse(peer, batchId, refusal);
      return;
    }
    const receivedAtMs = this.#options.now();
    const applied = this.#apply(updates);
    this.#publish(applied.news, { kind: 'user', id: member.identity.user }, receivedAtMs, peer.id);
    if (applied.refusal === undefined) this.#acknowledge(peer, batchId, receivedAtMs);
    else this.#refuse(peer, batchId, applied.refusal);
    if (applied.refusal?.reason === 'missing') this.#suggestRejoin(member, 'updates_missing');
    if (applied.broken !== undefined)
      this.#options.onBroken({ peer, identity: member.identity, ...applied.broken });
    else if (this.#held.document.isSpoilt) this.#options.onSpoilt();
  }

  /** An edit that the server made, once it is durable: nobody may build on one that could still be lost. */
  announce(update: Uint8Array): void {
    this.#broadcast([update], undefined);
  }

  #admit(member: Member | undefined, updates: readonly Uint8Array[]): Refusal | undefined {
    const { limits, refusal } = this.#options;
    if (member === undefined || member.permission !== 'write')
      return { status: UpdateStatusCode.PermissionDenied, reason: 'permission_denied' };
    if (updates.length === 0 || updates.length > limits.perFrame)
      return { status: UpdateStatusCode.InvalidUpdate, reason: 'updates_in_frame' };
    const reason = refusal();
    return reason === undefined ? undefined : { status: ADMISSION_STATUS[reason], reason };
  }

  /** Up to the first that is refused. */
  #apply(updates: readonly Uint8Array[]): Applied {
    const news: Uint8Array[] = [];
    for (const update of updates) {
      const outcome = this.#held.document.import(update);
      if (outcome.kind === 'applied') news.push(outcome.update);
      const refusal = refusalOf(outcome);
      if (outcome.kind === 'broken') return { news, refusal, broken: { update, error: outcome.error } };
      if (refusal !== undefined) return { news, refusal };
    }
    return { news, refusal: undefined };
  }

  /** To the others at once, to the log in the current group. */
  #publish(news: readonly Uint8Array[], actor: Actor, receivedAtMs: number, from: number): void {
    if (news.length === 0) return;
    this.#snapshotFrames = undefined;
    this.#broadcast(news, from);
    for (const update of news) {
      this.#options.observe.edited(update.length);
      this.#held.commits.submit(encodeRecord({ kind: 'update', actor, receivedAtMs, update }), () => {});
    }
    this.#options.onChanged();
  }

  /** Behind everything submitted so far: a repeat is acknowledged only when what it repeats is durable. */
  #acknowledge(peer: Peer, batchId: HexString, receivedAtMs: number): void {
    const { address, now, observe } = this.#options;
    this.#held.commits.whenDurable((stored) => {
      if (!stored) return;
      peer.send(ack(address, batchId, UpdateStatusCode.Ok));
      observe.acknowledged(now() - receivedAtMs);
    });
  }

  #refuse(peer: Peer, batchId: HexString, { status, reason }: Refusal): void {
    this.#options.observe.refused(reason);
    peer.send(ack(this.#options.address, batchId, status));
  }

  #suggestRejoin(member: Member, reason: 'updates_missing' | 'too_slow'): void {
    if (member.suggested) return;
    member.suggested = true;
    member.peer.send(roomError(this.#options.address, RoomErrorCode.RejoinSuggested, reason));
  }

  #dropBehind(member: Member): void {
    member.phase = 'behind';
    member.waiting = [];
  }

  #welcome(member: Member, frames: readonly Uint8Array[]): void {
    member.peer.sendCatchUp(frames);
    if (member.phase === 'behind') this.#suggestRejoin(member, 'too_slow');
    else {
      member.phase = 'live';
      for (const frame of member.waiting.splice(0)) member.peer.send(frame);
    }
  }

  #broadcast(updates: readonly Uint8Array[], from: number | undefined): void {
    const others = [...this.#members.values()].filter(({ peer }) => peer.id !== from);
    if (others.length === 0) return;
    // Encoded once: everybody gets the same bytes.
    const frames = this.#framesOf(updates);
    for (const member of others) for (const frame of frames) this.#tell(member, frame);
  }

  #tell(member: Member, frame: Uint8Array): void {
    if (member.phase === 'live') member.peer.send(frame);
    if (member.phase !== 'catching_up') return;
    member.waiting.push(frame);
    member.waitingBytes += frame.length;
    if (member.waitingBytes > this.#options.limits.queueBytes) this.#dropBehind(member);
  }

  #framesOf(updates: readonly Uint8Array[]): Uint8Array[] {
    return updateFrames(this.#options.address, updates, this.#nextBatchId);
  }

  #framesOfSnapshot(snapshot: Uint8Array): Uint8Array[] {
    if (this.#snapshotFrames?.snapshot !== snapshot)
      this.#snapshotFrames = { snapshot, frames: this.#framesOf([snapshot]) };
    return this.#snapshotFrames.frames;
  }
}

const ADMISSION_STATUS = {
  document_full: UpdateStatusCode.PayloadTooLarge,
  backlog: UpdateStatusCode.RateLimited,
} as const;

function refusalOf(outcome: ImportOutcome): Refusal | undefined {
  switch (outcome.kind) {
    case 'repeated':
      return undefined;
    case 'applied':
      return outcome.missing ? { status: UpdateStatusCode.AppError, reason: 'missing' } : undefined;
    case 'missing':
      return { status: UpdateStatusCode.AppError, reason: 'missing' };
    case 'broken':
      return { status: UpdateStatusCode.InvalidUpdate, reason: 'broken' };
    case 'refused':
      return outcome.reason === 'too_large'
        ? { status: UpdateStatusCode.PayloadTooLarge, reason: outcome.reason }
        : { status: UpdateStatusCode.InvalidUpdate, reason: outcome.reason };
  }
}
