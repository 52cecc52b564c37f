// Somebody in a room of last values, and what they hear.
import { present } from '@hakiri/base/assert';
import { decode, MessageType } from 'loro-protocol';
import { decodeEphemeral, type EphemeralEntry } from '../socket/ephemeral-codec.ts';
import { bytesOfFrame } from '../socket/frames.ts';
import type { Membership, Peer } from '../socket/peer.ts';

export type Heard = { entries: EphemeralEntry[]; updates: readonly Uint8Array[] };

export function roomListener(id: number, onHeard: (heard: Heard) => void) {
  const acks: number[] = [];
  const hear = (frame: Uint8Array): void => {
    const message = decode(frame);
    if (message.type === MessageType.Ack) acks.push(message.status);
    if (message.type !== MessageType.DocUpdate) return;
    const { updates } = message;
    onHeard({ updates, entries: updates.flatMap((update) => present(decodeEphemeral(update), 'ours')) });
  };
  const peer: Peer = {
    id,
    send: hear,
    sendCatchUp: (frames) => {
      for (const frame of frames) hear(bytesOfFrame(frame).slice());
    },
  };
  return { peer, acks, joinAs: (room: Membership, user: string) => joinAs(room, peer, user) };
}

/** As a stock client that may read and has nothing. */
export function joinAs(room: Membership, peer: Peer, user: string): void {
  const identity = { user, name: user };
  const version = new Uint8Array();
  room.join(peer, { identity, permission: 'read', version, device: undefined, speaks: undefined }, () => {});
}
