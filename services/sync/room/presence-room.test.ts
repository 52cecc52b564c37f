// The pace at which presence is told, who hears what, and which timers run, on a clock that the test moves.
import { expect, test } from 'bun:test';
import { PresenceValue } from '@hakiri/contracts/presence';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { Value } from '@sinclair/typebox/value';
import { CrdtType, UpdateStatusCode } from 'loro-protocol';
import { DEFAULTS } from '../config.ts';
import { type EphemeralValue, encodeEphemeral } from '../socket/ephemeral-codec.ts';
import { roomListener } from '../testing/room-listener.ts';
import { PresenceRoom } from './presence-room.ts';

type Heard = { atMs: number; entries: { key: string; value: EphemeralValue | undefined }[] };

function roomOf() {
  const clock = createSimulatedClock();
  const startMs = clock.now();
  const limits = { ...DEFAULTS.presence, rate: { capacity: 10_000, perSecond: 1_000 } };
  const address = { crdt: CrdtType.LoroEphemeralStore, roomId: 'default/main' } as const;
  const room = new PresenceRoom({ address, clock, limits, onRefused: () => {} });
  let lastPeer = 0;

  function member(user: string) {
    lastPeer += 1;
    const heard: Heard[] = [];
    const { peer, acks, joinAs } = roomListener(lastPeer, ({ entries }) => {
      heard.push({ atMs: clock.now() - startMs, entries });
    });
    const join = (as = user): void => joinAs(room, as);
    join();
    const say = (key: string, value: EphemeralValue | undefined): void =>
      room.update(peer, [encodeEphemeral([{ key, value, atMs: 0 }])], '0x0000000000000001');
    return { heard, acks, say, join, leave: () => room.leave(peer.id) };
  }
  return { room, clock, member };
}

const cursor = (head: number) => ({ pipeline: 'p', field: 'sql', cursor: { anchor: 0, head } });

test('[SY4.12] a hundred moves a second are at most ten broadcasts, the first at once, the last within 100 ms, all acknowledged', async () => {
  const { clock, member } = roomOf();
  const [alice, bob] = [member('alice'), member('bob')];
  for (let move = 0; move < 300; move++) {
    alice.say('a', cursor(move));
    if (move === 0) expect(bob.heard).toHaveLength(1);
    await clock.advance(10);
  }
  await clock.advance(100);
  expect(alice.acks).toEqual(Array.from({ length: 300 }, () => UpdateStatusCode.Ok));
  for (const { atMs } of bob.heard)
    expect(
      bob.heard.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000).length,
    ).toBeLessThanOrEqual(10);
  for (const { atMs, entries } of bob.heard) {
    const said = entries[0]?.value;
    expect(Value.Check(PresenceValue, said)).toBe(true);
    // Move n was made at 10 n, after what was due then: what is told is the last.
    expect(said).toMatchObject({ cursor: { head: Math.min(299, Math.max(0, atMs / 10 - 1)) } });
  }
  const gaps = bob.heard.slice(1).map(({ atMs }, index) => atMs - (bob.heard[index]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(110);
  expect(bob.heard.at(-1)?.entries[0]?.value).toMatchObject({ cursor: { head: 299 } });
  expect(alice.heard).toEqual([]);
});

test('[SY4.13] what is due together leaves in one frame, and nobody hears their own words', async () => {
  const { clock, member } = roomOf();
  const people = ['alice', 'bob', 'carol'].map((user) => ({ user, ...member(user) }));
  const reader = member('reader');
  for (const { user, say } of people) say(user, cursor(0));
  for (const { user, say } of people) say(user, cursor(1));
  const before = reader.heard.length;
  await clock.advance(100);
  expect(reader.heard.slice(before).map(({ entries }) => entries.map(({ key }) => key))).toEqual([
    ['alice', 'bob', 'carol'],
  ]);
  for (const { user, heard } of people) {
    const others = people.map((one) => one.user).filter((one) => one !== user);
    expect(heard.at(-1)?.entries.map(({ key }) => key)).toEqual(others);
  }
});

test('[SY4.11] a removal leaves at once, and no move that waited comes after it', async () => {
  const { clock, member } = roomOf();
  const [alice, bob] = [member('alice'), member('bob')];
  alice.say('a', cursor(0));
  alice.say('a', cursor(1));
  alice.say('a', undefined);
  expect(bob.heard.at(-1)).toMatchObject({ atMs: 0, entries: [{ key: 'a', value: undefined }] });
  await clock.advance(1_000);
  expect(bob.heard).toHaveLength(2);
  alice.say('a', cursor(2));
  alice.say('a', cursor(3));
  alice.leave();
  expect(bob.heard.at(-1)).toMatchObject({ atMs: 1_000, entries: [{ key: 'a', value: undefined }] });
  await clock.advance(1_000);
  expect(bob.heard).toHaveLength(4);
});

test('[SY4.11] who joins while a move waits hears the last value, and hears it go', async () => {
  const { clock, member } = roomOf();
  const alice = member('alice');
  alice.say('a', cursor(0));
  alice.say('b', cursor(1));
  const bob = member('bob');
  expect(bob.heard[0]?.entries.map(({ key }) => key)).toEqual(['a', 'b']);
  alice.say('b', undefined);
  expect(bob.heard[1]?.entries).toMatchObject([{ key: 'b', value: undefined }]);
  await clock.advance(1_000);
  expect(bob.heard).toHaveLength(2);
});

test('[SY4.6] receivers are told within a second of the TTL, and no timer is left', async () => {
  const { clock, member } = roomOf();
  const [alice, bob] = [member('alice'), member('bob')];
  expect(clock.nextDue()).toBeUndefined();
  alice.say('a', cursor(0));
  await clock.advance(30_000);
  alice.say('a', cursor(0));
  await clock.advance(59_999);
  expect(bob.heard).toHaveLength(2);
  await clock.advance(1);
  expect(bob.heard.at(-1)).toMatchObject({ atMs: 90_000, entries: [{ key: 'a', value: undefined }] });
  expect(clock.nextDue()).toBeUndefined();
});

test('[SY4.5] somebody else on the same socket takes over nothing of what was there', async () => {
  const { member } = roomOf();
  const [alice, bob] = [member('alice'), member('bob')];
  alice.say('a', cursor(0));
  alice.join('mallory');
  expect(bob.heard.at(-1)?.entries).toMatchObject([{ key: 'a', value: undefined }]);
});
