// The `%EPS` room of a document: last values that only the server writes. `manifest` is the last applied revision.
import { type HexString, UpdateStatusCode } from 'loro-protocol';
import { Audience } from './audience.ts';
import { decodeEphemeral, type EphemeralEntry, encodeEphemeral } from './ephemeral-codec.ts';
import { type Address, ack, createBatchIds, joinOk, updateFrames } from './frames.ts';
import type { JoinOutcome, JoinRequest, Membership, Peer } from './peer.ts';
import type { AppliedNote } from './record.ts';

export const MANIFEST_KEY = 'manifest';

export type NewsRoomOptions = {
  address: Address;
  now(): number;
  applied: AppliedNote | undefined;
  onRefused(reason: string): void;
};

export class NewsRoom implements Membership {
  readonly #options: NewsRoomOptions;
  readonly #audience: Audience;
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

  join(peer: Peer, { extra }: JoinRequest): JoinOutcome {
    this.#audience.join(peer);
    const answer = joinOk(this.#options.address, 'read', new Uint8Array(), extra);
    peer.sendCatchUp([answer, ...this.#frames()]);
    return { kind: 'joined' };
  }

  leave(peerId: number): void {
    this.#audience.leave(peerId);
  }

  permit(): void {}

  fallBehind(peerId: number): void {
    this.#audience.fallBehind(peerId);
  }

  /** A stock client sends what it has after a join; that is nothing, or what it heard here. */
  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void {
    const saysNothing = updates.every((update) => decodeEphemeral(update)?.length === 0);
    const status = saysNothing ? UpdateStatusCode.Ok : UpdateStatusCode.PermissionDenied;
    if (!saysNothing) this.#options.onRefused('news_read_only');
    peer.send(ack(this.#options.address, batchId, status));
  }

  announce(note: AppliedNote): void {
    this.#applied = note;
    this.#audience.tell(this.#frames());
  }

  close(): void {
    this.#audience.clear();
  }

  /** Stamped anew each time: receivers forget by the age of the stamp. */
  #frames(): Uint8Array[] {
    if (this.#applied === undefined) return [];
    this.#lastStampMs = Math.max(this.#options.now(), this.#lastStampMs + 1);
    const entry: EphemeralEntry = { key: MANIFEST_KEY, value: { ...this.#applied }, atMs: this.#lastStampMs };
    return updateFrames(this.#options.address, [encodeEphemeral([entry])], this.#nextBatchId);
  }
}
