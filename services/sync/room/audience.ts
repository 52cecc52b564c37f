// Who hears what is said in a room of last values. Nothing is kept for a peer that is behind: it is told once to rejoin, and
// gets everything anew when it does.
import { RoomErrorCode } from 'loro-protocol';
import { type Address, roomError } from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';

export class Audience {
  readonly #address: Address;
  readonly #members = new Map<number, { peer: Peer; behind: boolean }>();

  constructor(address: Address) {
    this.#address = address;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Also by one that was behind. */
  join(peer: Peer): void {
    this.#members.set(peer.id, { peer, behind: false });
  }

  /** False when it was not here. */
  leave(peerId: number): boolean {
    return this.#members.delete(peerId);
  }

  fallBehind(peerId: number): void {
    const member = this.#members.get(peerId);
    if (member === undefined || member.behind) return;
    member.behind = true;
    member.peer.send(roomError(this.#address, RoomErrorCode.RejoinSuggested, 'too_slow'));
  }

  tell(frames: readonly Uint8Array[], except?: number): void {
    this.tellEach((peerId) => (peerId === except ? [] : frames));
  }

  /** To each its own. */
  tellEach(framesFor: (peerId: number) => readonly Uint8Array[]): void {
    // A peer may fall behind, or leave, while it is told.
    for (const { peer, behind } of [...this.#members.values()])
      if (!behind) for (const frame of framesFor(peer.id)) peer.send(frame);
  }

  clear(): void {
    this.#members.clear();
  }
}
