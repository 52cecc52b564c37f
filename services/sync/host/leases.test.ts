// Whose a peer id is: the first who has it keeps it, of a user's sockets one writes under it, a device gets its own back.
import { describe, expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { AHEAD_LIMIT, LEASES_LIMIT, Leases, NEW_LEASES } from './leases.ts';

const ALICE = { user: 'alice', connection: 1, atMs: 0 };
const ALICE_AGAIN = { user: 'alice', connection: 2, atMs: 0 };
const BOB = { user: 'bob', connection: 3, atMs: 0 };
const DEVICE = 'laptop-0001';
const FRESH = ['11', '12', '13', '14'] as const;

describe('claims', () => {
  test('[SY5.1] an id belongs to who wrote under it first, for good', () => {
    const leases = new Leases();
    expect(leases.claim('7', ALICE, true)).toEqual({ kind: 'new' });
    leases.take('7', ALICE);
    leases.release(1);
    expect(leases.claim('7', BOB, true)).toEqual({ kind: 'refused', reason: 'peer_not_yours' });
    expect(leases.claim('7', ALICE_AGAIN, false)).toEqual({ kind: 'yours' });
  });

  test('[SY5.2] another socket of the same user takes it over only where the document ends', () => {
    const leases = new Leases();
    leases.take('7', ALICE);
    expect(leases.claim('7', ALICE_AGAIN, false)).toEqual({ kind: 'refused', reason: 'peer_in_use' });
    expect(leases.claim('7', ALICE_AGAIN, true)).toEqual({ kind: 'yours' });
    leases.take('7', ALICE_AGAIN);
    expect(leases.claim('7', ALICE, false)).toEqual({ kind: 'refused', reason: 'peer_in_use' });
  });
});

describe('bounds', () => {
  test('[SY5.12] a user takes so many new ids a day and no more; others and the next day do', () => {
    const leases = new Leases();
    for (let peer = 1; peer <= NEW_LEASES.limit; peer++) {
      expect(leases.claim(`${peer}`, ALICE, true)).toEqual({ kind: 'new' });
      leases.take(`${peer}`, ALICE);
    }
    expect(leases.claim('9999', ALICE_AGAIN, true)).toEqual({ kind: 'refused', reason: 'too_many_peers' });
    expect(
      leases.ahead(
        ALICE,
        DEVICE,
        FRESH.map((peer) => `9${peer}` as const),
      ),
    ).toEqual({
      peers: [],
      granted: [],
    });
    expect(leases.claim('9999', BOB, true)).toEqual({ kind: 'new' });
    const tomorrow = new Leases();
    for (const lease of leases.all()) tomorrow.grant(lease);
    expect(tomorrow.claim('9999', ALICE, true)).toEqual({ kind: 'refused', reason: 'too_many_peers' });
    expect(tomorrow.claim('9999', { ...ALICE, atMs: NEW_LEASES.windowMs }, true)).toEqual({ kind: 'new' });
  });

  test('[SY5.12] a document has so many ids and no more', () => {
    const leases = new Leases();
    for (let peer = 1; peer <= LEASES_LIMIT; peer++) leases.grant({ peer: `${peer}`, user: `u${peer}` });
    expect(leases.claim('99999', ALICE, true)).toEqual({ kind: 'refused', reason: 'too_many_peers' });
  });
});

describe('ids ahead of use', () => {
  test('[SY5.3] a device gets back what it had, what another socket uses apart', () => {
    const leases = new Leases();
    const first = leases.ahead(ALICE, DEVICE, FRESH);
    expect(first.peers).toEqual(['11', '12', '13']);
    expect(first.granted).toHaveLength(AHEAD_LIMIT);
    leases.take('11', ALICE);
    const second = leases.ahead(ALICE_AGAIN, DEVICE, ['21', '22', '23']);
    expect(second.peers).toEqual(['12', '13', '21']);
    leases.release(1);
    expect(leases.ahead(ALICE_AGAIN, DEVICE, [])).toEqual({ peers: ['11', '12', '13'], granted: [] });
  });

  test('[SY5.3] a device id says nothing about who one is', () => {
    const leases = new Leases();
    leases.ahead(ALICE, DEVICE, FRESH);
    expect(leases.ahead(BOB, DEVICE, ['31']).peers).toEqual(['31']);
    expect(leases.claim('11', BOB, true)).toEqual({ kind: 'refused', reason: 'peer_not_yours' });
  });

  test('[SY5.3] whatever is asked in whatever order, no id ever has two users', () => {
    const seed = 5_301;
    const prng = createPrng(seed);
    const leases = new Leases();
    const users = new Map<string, string>();
    for (let step = 0; step < 5_000; step++) {
      const writer = {
        user: `u${prng.below(4)}`,
        connection: prng.below(6),
        atMs: step * NEW_LEASES.windowMs,
      };
      const peer = `${prng.below(40)}` as const;
      if (prng.below(5) === 0) leases.release(writer.connection);
      else if (prng.below(3) === 0) leases.ahead(writer, `device-${prng.below(3)}`, [peer]);
      else if (leases.claim(peer, writer, prng.below(2) === 0).kind !== 'refused') leases.take(peer, writer);
      for (const lease of leases.all()) {
        expect(users.get(lease.peer) ?? lease.user).toBe(lease.user);
        users.set(lease.peer, lease.user);
      }
    }
  });
});
