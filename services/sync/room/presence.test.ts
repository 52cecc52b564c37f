// Presence as the server lets it be said, and the bytes it is said in, against the real EphemeralStore.
import { afterAll, describe, expect, test } from 'bun:test';
import { present } from '@hakiri/base/assert';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { EphemeralStore } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import {
  decodeEphemeral,
  type EphemeralValue,
  encodeEphemeral,
  joinEntries,
} from '../socket/ephemeral-codec.ts';
import { Presence, type WriteOutcome, type Writer } from './presence.ts';

const stores: EphemeralStore[] = [];
function storeOf(): EphemeralStore {
  const store = new EphemeralStore(60_000);
  stores.push(store);
  return store;
}
afterAll(() => {
  for (const store of stores) store.destroy();
});

const alice: Writer = { socket: 1, user: 'alice', name: 'Alice' };
const bob: Writer = { socket: 2, user: 'bob', name: 'Bob' };
const NOW = 1_700_000_000_000;
const entry = (key: string, value: EphemeralValue | undefined) => ({ key, value, atMs: 0 });
const limits = { ...DEFAULTS.presence, keysPerSocket: 3, keys: 4, keyBytes: 10 };

describe('the bytes', () => {
  const VALUES: EphemeralValue[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 40,
    -(2 ** 40),
    2 ** 51,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    127,
    -128,
    1e300,
    'text ü 😀',
    [1, ['x', null]],
    { focus: 'gh-issues/schedule', cursor: Uint8Array.of(1, 2, 255), nested: { deep: [true] } },
  ];

  test('[SY4.1] what the real store says is read, what is written the real store reads', () => {
    for (const value of VALUES) {
      const store = storeOf();
      // The store's types leave bytes out; it takes them.
      store.set('key', value as never);
      const [read] = present(decodeEphemeral(store.encodeAll()), 'an export of the store');
      expect(read).toMatchObject({ key: 'key', value });
      const other = storeOf();
      other.apply(encodeEphemeral([{ key: 'key', value, atMs: Date.now() }]));
      expect(other.get('key')).toEqual(value as never);
    }
  });

  test('[SY4.1] a deletion is read and written', () => {
    const store = storeOf();
    store.set('gone', 1);
    store.delete('gone');
    expect(decodeEphemeral(store.encode('gone'))).toMatchObject([{ key: 'gone', value: undefined }]);
    store.set('back', 1);
    store.apply(encodeEphemeral([{ key: 'back', value: undefined, atMs: Date.now() + 1 }]));
    expect(store.get('back')).toBeUndefined();
  });

  test('[SY4.2] noise, truncation and nesting without end are refused, never thrown at', () => {
    const prng = createPrng(4);
    const good = encodeEphemeral(VALUES.map((value, index) => ({ key: `k${index}`, value, atMs: NOW })));
    for (let round = 0; round < 2_000; round++) {
      const bytes = corrupt(prng, good);
      const entries = decodeEphemeral(bytes);
      if (entries !== undefined) encodeEphemeral(entries);
    }
    expect(decodeEphemeral(good.subarray(0, good.length - 1))).toBeUndefined();
    const nested = Uint8Array.from([
      1,
      1,
      97,
      1,
      ...Array.from({ length: 5_000 }, () => [5, 1]).flat(),
      0,
      0,
    ]);
    expect(decodeEphemeral(nested)).toBeUndefined();
    expect(
      decodeEphemeral(Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 1])),
    ).toBeUndefined();
  });
});

/** What the others are told of what was written. */
function toldOf(presence: Presence, { socket }: Writer, { written }: WriteOutcome) {
  return written.flatMap((key) => decodeEphemeral(joinEntries(one(presence.entry(key, socket)))) ?? []);
}
const one = (entry: Uint8Array | undefined): Uint8Array[] => (entry === undefined ? [] : [entry]);
const goneOf = (removed: readonly Uint8Array[]) =>
  present(decodeEphemeral(joinEntries(removed)), 'ours').map(({ key, value }) => [key, value]);

describe('who may say what', () => {
  test('[SY4.3] a value carries the server’s identity and clock, whatever it says itself', () => {
    const presence = new Presence(limits);
    const said = { focus: 'x', name: 'Mallory', activeAt: 0 };
    const outcome = presence.write(alice, [entry('a', said)], NOW);
    expect(toldOf(presence, alice, outcome)).toEqual([
      { key: 'a', value: { focus: 'x', user: 'alice', name: 'Alice', activeAt: NOW }, atMs: NOW },
    ]);
  });

  test('[SY4.10] last active is when something else was said, not when the same was said again', () => {
    const presence = new Presence(limits);
    const activeAt = (said: EphemeralValue, nowMs: number): unknown =>
      toldOf(presence, alice, presence.write(alice, [entry('a', said)], nowMs))[0]?.value;
    activeAt({ field: 'x' }, NOW);
    // Repeated as it was heard, and as it was said.
    const heard = { field: 'x', user: 'alice', name: 'Alice', activeAt: NOW };
    expect(activeAt(heard, NOW + 20_000)).toMatchObject({ activeAt: NOW });
    expect(activeAt({ field: 'x' }, NOW + 40_000)).toMatchObject({ activeAt: NOW });
    expect(activeAt({ field: 'y' }, NOW + 50_000)).toMatchObject({ activeAt: NOW + 50_000 });
  });

  test('[SY4.3] stamps are the server’s and only grow, so that receivers take each', () => {
    const presence = new Presence(limits);
    const stampOf = (value: number, nowMs: number): unknown =>
      toldOf(presence, alice, presence.write(alice, [entry('a', value)], nowMs))[0]?.atMs;
    expect([1, 2, 3].map((value) => stampOf(value, NOW))).toEqual([NOW, NOW + 1, NOW + 2]);
    expect(stampOf(4, NOW - 5_000)).toBe(NOW + 3);
  });

  test('[SY4.4] another’s key is refused, also its deletion, and one’s own entries beside it are taken', () => {
    const presence = new Presence(limits);
    presence.write(alice, [entry('a', 1)], NOW);
    const outcome = presence.write(bob, [entry('a', 2), entry('b', 3)], NOW + 1);
    expect(outcome.refusal).toBe('not_yours');
    expect(outcome.written).toEqual(['b']);
    expect(presence.write(bob, [entry('a', undefined)], NOW + 2).refusal).toBe('not_yours');
    expect(present(decodeEphemeral(present(presence.all(), 'somebody is here')), 'ours')).toMatchObject([
      { key: 'a', value: 1 },
      { key: 'b', value: 3 },
    ]);
  });

  test('[SY4.4] what was heard of another and is said again after a restart is not taken as one’s own', () => {
    const presence = new Presence(limits);
    const heard = { focus: 'x', user: 'alice', name: 'Alice' };
    expect(presence.write(bob, [entry('a', heard)], NOW)).toEqual({
      written: [],
      removed: [],
      refusal: 'not_yours',
    });
  });

  test('[SY4.5] a key goes with its socket, unless another socket of the user has taken it over', () => {
    const presence = new Presence(limits);
    presence.write(alice, [entry('a', 1), entry('b', 1)], NOW);
    presence.write({ ...alice, socket: 9 }, [entry('a', 2)], NOW);
    presence.all();
    expect(goneOf(presence.leave(1, NOW))).toEqual([['b', undefined]]);
    expect(presence.size).toBe(1);
    expect(presence.leave(9, NOW)).toHaveLength(1);
    expect(presence.all()).toBeUndefined();
  });

  test('[SY4.6] what is not said again is forgotten after the TTL, exactly', () => {
    const presence = new Presence(limits);
    presence.write(alice, [entry('a', 1)], NOW);
    presence.write(bob, [entry('b', 1)], NOW + 10);
    presence.write(alice, [entry('a', 1)], NOW + 20);
    presence.all();
    expect(presence.nextExpiryMs()).toBe(NOW + 10 + limits.ttlMs);
    expect(presence.expire(NOW + 10 + limits.ttlMs - 1)).toEqual([]);
    expect(goneOf(presence.expire(NOW + 10 + limits.ttlMs))).toEqual([['b', undefined]]);
    expect(presence.nextExpiryMs()).toBe(NOW + 20 + limits.ttlMs);
  });

  test('[SY4.7] keys are bounded in length, for each socket and in all, values in bytes', () => {
    const presence = new Presence(limits);
    expect(presence.write(alice, [entry('longer than ten', 1)], NOW).refusal).toBe('too_large');
    const half = 'x'.repeat(limits.frameBytes / 2 - 100);
    expect(presence.write(alice, [entry('a', half), entry('b', half)], NOW).refusal).toBeUndefined();
    // Instead of what was there it fits, beside it not.
    expect(presence.write(alice, [entry('a', half)], NOW).refusal).toBeUndefined();
    expect(presence.write(alice, [entry('c', half)], NOW).refusal).toBe('too_large');
    presence.leave(alice.socket, NOW);
    const many = ['a', 'b', 'c', 'd'].map((key) => entry(key, 1));
    const outcome = presence.write(alice, many, NOW);
    expect(outcome.refusal).toBe('too_many');
    expect(outcome.written).toHaveLength(3);
    expect(presence.write(bob, [entry('e', 1), entry('f', 1)], NOW).refusal).toBe('too_many');
    expect(presence.size).toBe(4);
    // What goes makes room, however it goes.
    presence.write(alice, [entry('a', undefined)], NOW);
    presence.write({ ...alice, socket: 9 }, [entry('b', 1)], NOW);
    expect(presence.write(alice, [entry('a', 1)], NOW).refusal).toBeUndefined();
    presence.expire(NOW + limits.ttlMs);
    expect(presence.write(alice, [entry('x', 1), entry('y', 1), entry('z', 1)], NOW).refusal).toBeUndefined();
  });

  test('[SY4.11] what nobody heard of goes without a word', () => {
    const presence = new Presence(limits);
    presence.write(alice, [entry('a', 1)], NOW);
    expect(presence.write(alice, [entry('a', undefined)], NOW).removed).toEqual([]);
    presence.write(alice, [entry('a', 1)], NOW);
    presence.all();
    presence.write(alice, [entry('a', 2)], NOW);
    expect(goneOf(presence.write(alice, [entry('a', undefined)], NOW).removed)).toEqual([['a', undefined]]);
  });
});

function corrupt(prng: Prng, good: Uint8Array): Uint8Array {
  const kind = prng.below(3);
  if (kind === 0) return prng.bytes(prng.below(60));
  const bytes = good.slice(0, kind === 1 ? prng.below(good.length) : good.length);
  for (let flips = 1 + prng.below(4); flips > 0 && bytes.length > 0; flips--)
    bytes[prng.below(bytes.length)] = prng.below(256);
  return bytes;
}
