// The `%EPH` room of a document: presence of stock clients and ours. What goes is told at once, what is said in a stream at a
// pace. One timer while somebody is here, one more while something waits for its turn, none otherwise.
import { type Bucket, fullBucket, takeToken } from '@hakiri/service/token-bucket';
import type { Clock, Timer } from '@hakiri/substrate/clock';
import { type HexString, UpdateStatusCode } from 'loro-protocol';
import type { PresenceLimits } from '../config.ts';
import { decodeEphemeral, type EphemeralEntry, joinEntries } from '../socket/ephemeral-codec.ts';
import { type Address, ack, createBatchIds, joinOk, updateFrames } from '../socket/frames.ts';
import { joinExtra } from '../socket/join-extra.ts';
import type { JoinOutcome, JoinRequest, Membership, Peer } from '../socket/peer.ts';
import { Audience } from './audience.ts';
import { Presence, type Writer } from './presence.ts';
import { type Due, PresencePace } from './presence-pace.ts';

type Member = { writer: Writer; bucket: Bucket };

/** What is said costs one token, and one more for each of these. */
const BYTES_PER_TOKEN = 1024;

export type PresenceRoomOptions = {
  address: Address;
  clock: Clock;
  limits: PresenceLimits;
  onRefused(reason: string): void;
};

export class PresenceRoom implements Membership {
  readonly #options: PresenceRoomOptions;
  readonly #presence: Presence;
  readonly #audience: Audience;
  readonly #members = new Map<number, Member>();
  readonly #nextBatchId = createBatchIds();
  readonly #pace = new PresencePace();
  #timer: { at: number; timer: Timer } | undefined;
  #paceTimer: Timer | undefined;

  constructor(options: PresenceRoomOptions) {
    this.#options = options;
    this.#audience = new Audience(options.address);
    this.#presence = new Presence(options.limits);
  }

  get size(): number {
    return this.#audience.size;
  }

  /** Whoever may read is seen: everybody may write, their own keys. */
  join(peer: Peer, { identity }: JoinRequest, decided: (outcome: JoinOutcome) => void): void {
    const { address, clock, limits } = this.#options;
    const writer = { socket: peer.id, user: identity.user, name: identity.name };
    const before = this.#members.get(peer.id);
    // Somebody else on the same socket: what the one before said of themselves goes.
    if (before !== undefined && before.writer.user !== writer.user) this.#goes(peer.id);
    const bucket = before?.bucket ?? fullBucket(limits.rate, clock.now());
    this.#members.set(peer.id, { writer, bucket });
    this.#audience.join(peer);
    const all = this.#presence.all();
    peer.sendCatchUp([
      joinOk(address, 'write', new Uint8Array(), joinExtra(identity.user)),
      ...updateFrames(address, all === undefined ? [] : [all], this.#nextBatchId),
    ]);
    decided({ kind: 'joined' });
  }

  leave(peerId: number): void {
    this.#members.delete(peerId);
    if (this.#audience.leave(peerId)) this.#goes(peerId);
  }

  permit(): void {}

  fallBehind(peerId: number): void {
    this.#audience.fallBehind(peerId);
  }

  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void {
    const member = this.#members.get(peer.id);
    const status = member === undefined ? UpdateStatusCode.PermissionDenied : this.#write(member, updates);
    if (status !== UpdateStatusCode.Ok) this.#options.onRefused(`presence_${status}`);
    peer.send(ack(this.#options.address, batchId, status));
  }

  /** Stops the timer. */
  close(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#paceTimer?.cancel();
    this.#paceTimer = undefined;
    this.#members.clear();
    this.#audience.clear();
  }

  #write(member: Member, updates: readonly Uint8Array[]): UpdateStatusCode {
    const { clock, limits } = this.#options;
    const now = clock.now();
    const bytes = updates.reduce((sum, update) => sum + update.length, 0);
    if (bytes > limits.frameBytes) return UpdateStatusCode.PayloadTooLarge;
    const cost = 1 + Math.floor(bytes / BYTES_PER_TOKEN);
    const { bucket, taken } = takeToken(member.bucket, limits.rate, now, cost);
    member.bucket = bucket;
    if (!taken) return UpdateStatusCode.RateLimited;
    const entries: EphemeralEntry[] = [];
    for (const update of updates) {
      const decoded = decodeEphemeral(update);
      if (decoded === undefined) return UpdateStatusCode.InvalidUpdate;
      entries.push(...decoded);
    }
    if (entries.length > limits.frameEntries) return UpdateStatusCode.PayloadTooLarge;
    const { writer } = member;
    const { written, removed, refusal } = this.#presence.write(writer, entries, now);
    // What goes neither waits nor is waited for.
    this.#broadcast(removed, writer.socket);
    if (this.#pace.offer(writer.socket, written, now)) this.#tell([{ socket: writer.socket, keys: written }]);
    this.#schedule();
    this.#schedulePace();
    if (refusal === undefined) return UpdateStatusCode.Ok;
    return refusal === 'not_yours' ? UpdateStatusCode.PermissionDenied : UpdateStatusCode.PayloadTooLarge;
  }

  #goes(socket: number): void {
    this.#pace.forget(socket);
    this.#broadcast(this.#presence.leave(socket, this.#options.clock.now()), socket);
    this.#schedule();
  }

  #broadcast(entries: readonly Uint8Array[], from?: number): void {
    if (entries.length > 0 && this.#audience.size > 0) this.#audience.tell(this.#frames(entries), from);
  }

  /** In one frame, the same for all but those it speaks of: nobody hears their own words. */
  #tell(due: readonly Due[]): void {
    const entriesOf = new Map<number, Uint8Array[]>();
    for (const { socket, keys } of due) {
      const entries = [...keys].flatMap((key) => this.#presence.entry(key, socket) ?? []);
      if (entries.length > 0) entriesOf.set(socket, entries);
    }
    if (entriesOf.size === 0) return;
    const shared = this.#frames([...entriesOf.values()].flat());
    this.#audience.tellEach((peerId) => {
      if (!entriesOf.has(peerId)) return shared;
      const others = [...entriesOf].flatMap(([socket, entries]) => (socket === peerId ? [] : entries));
      return others.length === 0 ? [] : this.#frames(others);
    });
  }

  #frames(entries: readonly Uint8Array[]): Uint8Array[] {
    return updateFrames(this.#options.address, [joinEntries(entries)], this.#nextBatchId);
  }

  #schedulePace(): void {
    const at = this.#pace.nextDueMs();
    if (at === undefined || this.#paceTimer !== undefined) return;
    const { clock } = this.#options;
    this.#paceTimer = clock.after(Math.max(0, at - clock.now()), () => {
      this.#paceTimer = undefined;
      this.#tell(this.#pace.due(clock.now()));
      this.#schedulePace();
    });
  }

  #schedule(): void {
    const at = this.#presence.nextExpiryMs();
    // A timer that is too early only looks again; so a refresh need not move it.
    if (at !== undefined && this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const { clock } = this.#options;
    const timer = clock.after(Math.max(0, at - clock.now()), () => {
      this.#timer = undefined;
      this.#broadcast(this.#presence.expire(clock.now()));
      this.#schedule();
    });
    this.#timer = { at, timer };
  }
}
