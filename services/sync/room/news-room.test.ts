// Notices in the room of news: who hears them, until when, and what goes.
import { expect, test } from 'bun:test';
import { NOTICE_KEY_PREFIX, Notice } from '@hakiri/contracts/notice';
import { Value } from '@sinclair/typebox/value';
import { EphemeralStore } from 'loro-crdt';
import { CrdtType, UpdateStatusCode } from 'loro-protocol';
import { type EphemeralEntry, type EphemeralValue, encodeEphemeral } from '../socket/ephemeral-codec.ts';
import { roomListener } from '../testing/room-listener.ts';
import { MANIFEST_KEY, NewsRoom } from './news-room.ts';
import { NOTICE_MAX_AGE_MS, NOTICES_PER_USER } from './notice-box.ts';

/** Of now: the real store forgets by the age of a stamp. */
const NOW = Date.now();

function noticeOf(id: string, atMs = NOW): Notice {
  const side = { at: new Date(atMs).toISOString(), peer: '7', counter: 3 };
  return {
    id,
    kind: 'same_field',
    at: new Date(atMs).toISOString(),
    entity: { root: 'pipelines', key: 'p1', name: 'GitHub issues' },
    field: 'schedule.expr',
    won: { ...side, user: 'bob', value: { cron: '0 * * * *', tags: [1, null, true] } },
    lost: { ...side, user: 'alice', value: 'daily' },
    take: { kind: 'set', path: ['pipelines', 'p1'], key: 'schedule', value: 'daily' },
  };
}

function roomOf() {
  const state = { nowMs: NOW, gone: [] as string[] };
  const room = new NewsRoom({
    address: { crdt: CrdtType.LoroEphemeralStorePersisted, roomId: 'default/main' },
    now: () => state.nowMs,
    applied: undefined,
    onRefused: () => {},
    onDismissed: (user, id) => state.gone.push(`${user} ${id}`),
  });
  let lastPeer = 0;

  function member(user: string) {
    lastPeer += 1;
    const heard: EphemeralEntry[] = [];
    const updates: Uint8Array[] = [];
    const { peer, acks, joinAs } = roomListener(lastPeer, (told) => {
      updates.push(...told.updates);
      heard.push(...told.entries);
    });
    joinAs(room, user);
    const say = (...entries: [key: string, value: EphemeralValue | undefined][]): number | undefined => {
      const update = encodeEphemeral(entries.map(([key, value]) => ({ key, value, atMs: 0 })));
      room.update(peer, [update], '0x0000000000000001');
      return acks.at(-1);
    };
    const ids = (): string[] => heard.map(({ key, value }) => (value === undefined ? `-${key}` : key));
    return { heard, updates, say, ids, leave: () => room.leave(peer.id) };
  }
  return { room, state, member };
}

test('[SY6.20] a notice reaches the sockets of its user alone, now and on joining, as the notice it is', () => {
  const { room, member } = roomOf();
  const [alice, bob] = [member('alice'), member('bob')];
  room.notify('alice', noticeOf('1'));
  const late = member('alice');
  expect([alice.ids(), bob.ids(), late.ids()]).toEqual([['notice/1'], [], ['notice/1']]);
  const store = new EphemeralStore(1_000_000);
  for (const update of late.updates) store.apply(update);
  const value: unknown = store.get(`${NOTICE_KEY_PREFIX}1`);
  expect(Value.Check(Notice, value)).toBe(true);
  expect(value).toEqual(noticeOf('1'));
  store.destroy();
});

test('[SY6.21] deleting the key dismisses it on all sockets of the user; whose it is not, does nothing to it', () => {
  const { room, state, member } = roomOf();
  const [alice, phone, bob] = [member('alice'), member('alice'), member('bob')];
  room.notify('alice', noticeOf('1'));
  room.notify('bob', noticeOf('1'));
  room.notify('bob', noticeOf('2'));
  expect(alice.say(['notice/1', undefined], ['notice/2', undefined])).toBe(UpdateStatusCode.Ok);
  expect(alice.say(['notice/1', undefined])).toBe(UpdateStatusCode.Ok);
  expect(phone.ids()).toEqual(['notice/1', '-notice/1']);
  expect(bob.ids()).toEqual(['notice/1', 'notice/2']);
  expect(room.notices().map(({ user, notice }) => `${user} ${notice.id}`)).toEqual(['bob 1', 'bob 2']);
  expect(state.gone).toEqual(['alice 1']);
});

test('[SY6.21] anything else is refused, and a deletion beside it is taken: a stock client sends all it has', () => {
  const { room, member } = roomOf();
  const alice = member('alice');
  room.notify('alice', noticeOf('1'));
  expect(alice.say(['notice/1', { forged: true }])).toBe(UpdateStatusCode.PermissionDenied);
  expect(alice.say([MANIFEST_KEY, undefined])).toBe(UpdateStatusCode.PermissionDenied);
  expect(alice.say(['notice/1', undefined], [MANIFEST_KEY, { number: 1 }])).toBe(
    UpdateStatusCode.PermissionDenied,
  );
  expect(room.notices()).toEqual([]);
});

test('[SY6.21] a store that deleted a notice while it was away, and heard it again on joining, ends without it', () => {
  const { room, member } = roomOf();
  room.notify('alice', noticeOf('1'));
  const store = new EphemeralStore(1_000_000);
  const alice = member('alice');
  for (const update of alice.updates) store.apply(update);
  expect(store.keys()).toEqual(['notice/1']);
  const before = alice.updates.length;
  alice.say(['notice/1', undefined]);
  for (const update of alice.updates.slice(before)) store.apply(update);
  expect(store.keys()).toEqual([]);
  expect(room.notices()).toEqual([]);
  store.destroy();
});

test('[SY6.22] a user’s notices are bounded, oldest out, and end after 14 days', () => {
  const { room, state, member } = roomOf();
  const alice = member('alice');
  for (let id = 0; id <= NOTICES_PER_USER; id++) room.notify('alice', noticeOf(`${id}`, NOW + id));
  expect(alice.ids().at(-1)).toBe('-notice/0');
  expect(state.gone).toEqual(['alice 0']);
  expect(room.notices()).toHaveLength(NOTICES_PER_USER);
  state.nowMs = NOW + 50 + NOTICE_MAX_AGE_MS;
  expect(member('alice').ids()).toHaveLength(50);
  expect(room.notices()).toHaveLength(50);
  expect(state.gone).toHaveLength(51);
});

test('[SY6.23] the same notice again is no news', () => {
  const { room, state, member } = roomOf();
  for (const id of ['1', '2']) room.notify('alice', noticeOf(id, NOW + Number(id)));
  const alice = member('alice');
  expect(alice.ids()).toEqual(['notice/1', 'notice/2']);
  room.notify('alice', noticeOf('2', NOW + 2));
  expect([alice.ids(), state.gone]).toEqual([['notice/1', 'notice/2'], []]);
});
