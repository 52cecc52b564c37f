// Who is told what, and when: nothing before a member's JoinOk, one suggestion to rejoin behind it.
import { expect, test } from 'bun:test';
import { CrdtType, decode, MessageType } from 'loro-protocol';
import { Broadcast } from './broadcast.ts';
import { bytesOfFrame, joinOk } from './frames.ts';
import type { Peer } from './peer.ts';

const ADDRESS = { crdt: CrdtType.Loro, roomId: 'default/main' };

test('[SY3.13] a member that falls behind before its JoinOk is told to rejoin behind it, once', () => {
  const heard: MessageType[] = [];
  const hear = (frame: Uint8Array): void => void heard.push(decode(frame).type);
  const peer: Peer = {
    id: 1,
    send: hear,
    sendCatchUp: (frames) => {
      for (const frame of frames) hear(bytesOfFrame(frame).slice());
    },
  };
  const broadcast = new Broadcast({ address: ADDRESS, queueBytes: 1_000 });
  broadcast.add(peer);
  broadcast.fallBehind(peer.id);
  broadcast.fallBehind(peer.id);
  expect(heard).toEqual([]);
  broadcast.welcome(peer, [joinOk(ADDRESS, 'write', new Uint8Array(), new Uint8Array())]);
  expect(heard).toEqual([MessageType.JoinResponseOk, MessageType.RoomError]);
  broadcast.fallBehind(peer.id);
  expect(heard).toHaveLength(2);
});
