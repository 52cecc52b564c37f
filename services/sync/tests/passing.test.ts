// What passes, such as auth that is away, puts nobody out for good: over real sockets, with raw and with stock clients.
import { expect, test } from 'bun:test';
import { until } from '@hakiri/testing/until';
import { CrdtType, MessageType, UpdateStatusCode } from 'loro-protocol';
import { anEdit, join, Raw, ROOM } from '../testing/bed.ts';
import { bedsOfTests, member } from '../testing/in-test.ts';

const bedOf = bedsOfTests();
/** A join that something is in the way of is tried a few times. */
const PASSING = { passing: { retryMs: 5, patienceMs: 20 } };

test('[SY12.7] when auth has not been heard of for too long sockets close with a code to try again, and nobody joins', async () => {
  const bed = await bedOf({ config: PASSING });
  const alice = await member(bed, 'alice');
  bed.guard.isLost = true;
  bed.guard.changed();
  expect(await alice.whenClosed()).toEqual({ code: 1013, reason: 'unavailable' });
  // Told that the room is over, a stock client would not come back.
  expect(alice.heard.filter(({ type }) => type === MessageType.RoomError)).toEqual([]);
  const again = await Raw.open(bed);
  again.join('alice');
  expect(await again.next(MessageType.JoinError)).toMatchObject({ message: 'unavailable' });
  bed.guard.isLost = false;
  again.join('alice');
  await again.next(MessageType.JoinResponseOk);
  again.end();
});

test('[SY12.7] stock clients come back by themselves when auth does, with what was edited meanwhile', async () => {
  const bed = await bedOf({ config: PASSING });
  const [alice, bob] = [await join(bed, 'alice'), await join(bed, 'bob')];
  bed.guard.isLost = true;
  bed.guard.changed();
  // Rejoins that were refused, each with a closed socket.
  await until(async () => /join_refusals_total\{code="unavailable"\} ([4-9]|\d\d)/.test(await bed.metrics()));
  alice.doc.getMap('scratch').set('meanwhile', 'x');
  alice.doc.commit();
  bed.guard.isLost = false;
  await until(() => bob.doc.getMap('scratch').get('meanwhile') === 'x');
  bob.presence.set('bob', { focus: 'f' });
  await until(() => alice.presence.get('bob') !== undefined);
  alice.leave();
  bob.leave();
});

test('[SY12.11] a join that auth is away for waits, holds what is sent meanwhile, and goes on', async () => {
  const bed = await bedOf({ config: { passing: { retryMs: 1, patienceMs: 60_000 } } });
  let asked = 0;
  bed.guard.confirmed = async () => ++asked > 3;
  const alice = await Raw.open(bed);
  alice.join('alice');
  const batch = alice.update(anEdit('a', 'b'));
  await alice.next(MessageType.JoinResponseOk);
  expect(await alice.ackOf(batch)).toBe(UpdateStatusCode.Ok);
  alice.end();
});

test('[SY12.11] past that who joins with nothing is told why, and whoever else has the socket closed with it', async () => {
  const bed = await bedOf({ config: PASSING });
  bed.guard.isLost = true;
  const first = await Raw.open(bed);
  first.join('alice');
  expect(await first.next(MessageType.JoinError)).toMatchObject({ message: 'unavailable' });
  first.join('alice', CrdtType.Loro, ROOM, new Uint8Array([1, 2, 3]));
  expect(await first.whenClosed()).toEqual({ code: 1013, reason: 'unavailable' });
  expect(first.heard.filter(({ type }) => type === MessageType.JoinError)).toHaveLength(1);
});
