// A socket as rooms see it, and a room as sockets see it.
import type { Principal } from '@hakiri/authz/principal';
import type { Speaks } from '@hakiri/contracts/join';
import type { HexString, Permission } from 'loro-protocol';
import type { Frame } from './frames.ts';

export interface Peer {
  readonly id: number;
  /** Counts against the peer's queue. */
  send(frame: Uint8Array): void;
  /** Lets it catch up after a join: does not count. */
  sendCatchUp(frames: readonly Frame[]): void;
}

export type Identity = Pick<Principal, 'user' | 'name'>;

export type JoinRequest = {
  identity: Identity;
  permission: Permission;
  version: Uint8Array;
  /** Of our clients: peer ids are leased to it. */
  device: string | undefined;
  speaks: Speaks | undefined;
};
export type JoinOutcome =
  | { kind: 'joined' }
  | { kind: 'version_unknown'; receiverVersion: Uint8Array }
  | { kind: 'history_compacted' | 'update_required' }
  /** The document does not answer: whoever still wants it asks again. */
  | { kind: 'failed'; error: Error };

/** One of the rooms of a document. Answers go to the peer; nothing here throws on what a peer sent. */
export interface Membership {
  /** Again by a member: replaces what it was, for a fresh token or after falling behind. */
  join(peer: Peer, request: JoinRequest, decided: (outcome: JoinOutcome) => void): void;
  leave(peerId: number): void;
  update(peer: Peer, updates: readonly Uint8Array[], batchId: HexString): void;
  permit(peerId: number, permission: Permission): void;
  /** The peer missed something: it gets nothing more until it joins again. */
  fallBehind(peerId: number): void;
}
