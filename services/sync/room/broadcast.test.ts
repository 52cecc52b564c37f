// Who is told what, and when: nothing before a member's JoinOk, one suggestion to rejoin behind it.
import { expect, test } from 'bun:test';
import { CrdtType, decode, MessageType } from 'loro-protocol';
import { bytesOfFrame, joinOk } from '../socket/frames.ts';
import type { Peer } from '../socket/peer.ts';
import { Broadcast } from './broadcast.ts';

const ADDRESS = { crdt: CrdtType.Loro, roomId: 'default/main' };

/** A member whose types of message are kept. */
function member(id: number, heard: MessageType[]): Peer {
  const hear = (frame: Uint8Array): void => void heard.push(decode(frame).type);
  return {
    id,
    send: hear,
    sendCatchUp: (frames) => {
      for (const frame of frames) hear(bytesOfFrame(frame).slice());
    },
  };
}

const welcome = joinOk(ADDRESS, 'write', new Uint8Array(), new Uint8Array());

test.each([true, false])(
  '[SY5.4] what waits for a claim of a peer id to be durable is told if it was: %p',
  async (stored) => {
    const heard: MessageType[] = [];
    const peer = member(1, heard);
    const broadcast = new Broadcast({ address: ADDRESS, queueBytes: 1_000 });
    broadcast.add(peer);
    broadcast.welcome(peer, [welcome]);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    broadcast.raiseBarrier((settled) => void promise.then(settled));
    broadcast.tell([{ update: new Uint8Array([1]), from: 2 }]);
    await Promise.resolve();
    expect(heard).toEqual([MessageType.JoinResponseOk]);
    resolve(stored);
    await promise;
    expect(heard.slice(1)).toEqual(stored ? [MessageType.DocUpdate] : []);
  },
);

test('[SY3.13] a member that falls behind before its JoinOk is told to rejoin behind it, once', () => {
  const heard: MessageType[] = [];
  const peer = member(1, heard);
  const broadcast = new Broadcast({ address: ADDRESS, queueBytes: 1_000 });
  broadcast.add(peer);
  broadcast.fallBehind(peer.id);
  broadcast.fallBehind(peer.id);
  expect(heard).toEqual([]);
  broadcast.welcome(peer, [welcome]);
  expect(heard).toEqual([MessageType.JoinResponseOk, MessageType.RoomError]);
  broadcast.fallBehind(peer.id);
  expect(heard).toHaveLength(2);
});
