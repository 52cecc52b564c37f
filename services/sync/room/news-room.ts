// The `%EPS` room of a document: last values that only the server writes. `manifest` is the last applied revision, for all;
// `pending` is how much was touched since it was last applied; `notice/<id>` is what merging could not keep, for the people concerned, who delete it when they have seen it.
import { NOTICE_KEY_PREFIX, type Notice } from '@hakiri/contracts/notice';
import { PENDING_KEY, type PendingNews } from '@hakiri/contracts/pending';
import { type HexString, UpdateStatusCode } from 'loro-protocol';
import type { AppliedNote } from '../document/record.ts';
import { decodeEphemeral, type EphemeralEntry, encodeEntry, joinEntries } from '../socket/ephemeral-codec.ts';
import { type Address, ack, createBatchIds, joinOk, updateFrames } from '../socket/frames.ts';
import { joinExtra } from '../socket/join-extra.ts';
import type { JoinOutcome, JoinRequest, Membership, Peer } from '../socket/peer.ts';
import { Audience } from './audience.ts';
import { ephemeralOf, type KeptNotice, NoticeBox } from './notice-box.ts';

export const MANIFEST_KEY = 'manifest';

export type NewsRoomOptions = {
  address: Address;
  now(): number;
  applied: AppliedNote | undefined;
  /** How much is not live yet, as far as is known. */
  pending?(): PendingNews | undefined;
  onRefused(reason: string): void;
  /** To be kept no more: dismissed, pushed out by newer ones, or too old. */
  onDismissed(user: string, id: string): void;
};

export class NewsRoom implements Membership {
  readonly #options: NewsRoomOptions;
  readonly #audience: Audience;
  readonly #notices = new NoticeBox();
  /** The user of each member. */
  readonly #users = new Map<number, string>();
  readonly #nextBatchId = createBatchIds();
  #applied: AppliedNote | undefined;
  #lastStampMs = 0;

  constructor(options: NewsRoomOptions) {
    this.#options = options;
    this.#audience = new Audience(options.address);
    this.#applied = options.applied;
  }

  get size(): number {
    return this.#audience.size;
  }

  get applied(): AppliedNote | undefined {
    return this.#applied;
  }

  /** What people have not dismissed. */
  notices(): KeptNotice[] {
    return this.#notices.all();
  }

  join(peer: Peer, { identity }: JoinRequest, decided: (outcome: JoinOutcome) => void): void {
    this.#audience.join(peer);
    this.#users.set(peer.id, identity.user);
    for (const id of this.#notices.expire(identity.user, this.#options.now()))
      this.#options.onDismissed(identity.user, id);
    const entries = [
      ...this.#appliedEntries(),
      ...this.#pendingEntries(),
      ...this.#notices.of(identity.user).map(this.#entryOf),
    ];
    const answer = joinOk(this.#options.address, 'read', new Uint8Array(), joinExtra(identity.user));
    peer.sendCatchUp([answer, ...this.#frames(entries)]);
    decided({ kind: 'joined' });
  }

  leave(peerId: number): void {
    this.#audience.leave(peerId);
    this.#users.delete(peerId);
  }

  permit(): void {}

  fallBehind(peerId: number): void {
    this.#audience.fallBehind(peerId);
  }

  /**
   * Each entry for itself: a stock client sends all it has after a join, what it heard here among what it deleted while it
   * was away. To delete what is no notice of one's own, or not any more, does nothing.
   */
  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void {
    const user = this.#users.get(peer.id);
    const gone: string[] = [];
    let isAllowed = user !== undefined;
    for (const update of updates) {
      const entries = decodeEphemeral(update);
      if (entries === undefined) isAllowed = false;
      for (const { key, value } of entries ?? [])
        if (value === undefined && key.startsWith(NOTICE_KEY_PREFIX))
          gone.push(key.slice(NOTICE_KEY_PREFIX.length));
        else isAllowed = false;
    }
    if (user !== undefined) this.#dismiss(user, gone);
    if (!isAllowed) this.#options.onRefused('news_read_only');
    const status = isAllowed ? UpdateStatusCode.Ok : UpdateStatusCode.PermissionDenied;
    peer.send(ack(this.#options.address, batchId, status));
  }

  announce(note: AppliedNote): void {
    this.#applied = note;
    if (this.#audience.size > 0) this.#audience.tell(this.#frames(this.#appliedEntries()));
  }

  /** There is another number to tell. */
  tellPending(): void {
    if (this.#audience.size > 0) this.#audience.tell(this.#frames(this.#pendingEntries()));
  }

  /** To the user's sockets now, and to those that join later until it is dismissed. A repetition does nothing. */
  notify(user: string, notice: Notice): void {
    const now = this.#options.now();
    const pushedOut = this.#notices.add(user, notice);
    if (pushedOut === undefined) return;
    const gone = [...pushedOut, ...this.#notices.expire(user, now)];
    for (const id of gone) this.#options.onDismissed(user, id);
    this.#tell(user, [this.#entryOf(notice), ...gone.map((id) => this.#goneOf(id))]);
  }

  close(): void {
    this.#audience.clear();
    this.#users.clear();
  }

  /** Told to all sockets of the user: also the one that says so may have heard of it again since, by joining. */
  #dismiss(user: string, ids: readonly string[]): void {
    const gone = ids.filter((id) => this.#notices.remove(user, id));
    for (const id of gone) this.#options.onDismissed(user, id);
    if (gone.length > 0)
      this.#tell(
        user,
        gone.map((id) => this.#goneOf(id)),
      );
  }

  #tell(user: string, entries: readonly Uint8Array[]): void {
    let frames: Uint8Array[] | undefined;
    this.#audience.tellEach((peerId) => {
      if (this.#users.get(peerId) !== user) return [];
      frames ??= this.#frames(entries);
      return frames;
    });
  }

  #appliedEntries(): Uint8Array[] {
    return this.#applied === undefined ? [] : [this.#stamped(MANIFEST_KEY, { ...this.#applied })];
  }

  #pendingEntries(): Uint8Array[] {
    const news = this.#options.pending?.();
    return news === undefined ? [] : [this.#stamped(PENDING_KEY, { ...news })];
  }

  readonly #entryOf = (notice: Notice): Uint8Array =>
    this.#stamped(NOTICE_KEY_PREFIX + notice.id, ephemeralOf(notice));

  #goneOf(id: string): Uint8Array {
    return this.#stamped(NOTICE_KEY_PREFIX + id, undefined);
  }

  /** Anew each time: receivers forget by the age of the stamp. */
  #stamped(key: string, value: EphemeralEntry['value']): Uint8Array {
    this.#lastStampMs = Math.max(this.#options.now(), this.#lastStampMs + 1);
    return encodeEntry({ key, value, atMs: this.#lastStampMs });
  }

  #frames(entries: readonly Uint8Array[]): Uint8Array[] {
    if (entries.length === 0) return [];
    return updateFrames(this.#options.address, [joinEntries(entries)], this.#nextBatchId);
  }
}
