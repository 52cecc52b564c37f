import { expect, test } from 'bun:test';
import { toBase64Url } from '@hakiri/base/bytes';
import fc from 'fast-check';
import { LoroDoc, type PeerID, VersionVector } from 'loro-crdt';
import {
  compareVersions,
  covers,
  decodeVersion,
  encodeVersion,
  includesVersion,
  versionOf,
} from './version.ts';
import { toVersionVector } from './version-vector.ts';

const peer = fc.maxSafeNat().map((id): PeerID => `${id}`);
const version = fc
  .array(fc.tuple(peer, fc.integer({ min: 1, max: 2 ** 31 - 1 })), { maxLength: 20 })
  .map((entries) => new Map(entries));

test('[AP5] a version is Loro’s own encoding, both ways', () => {
  fc.assert(
    fc.property(version, (entries) => {
      const text = encodeVersion(entries);
      expect(decodeVersion(text)).toEqual(entries);
      const written = toVersionVector(entries).encode();
      const again = decodeVersion(toBase64Url(written));
      expect(again && encodeVersion(again)).toBe(text);
      const loro = VersionVector.decode(Uint8Array.fromBase64(text, { alphabet: 'base64url' }));
      expect(new Map(loro.toJSON())).toEqual(entries);
    }),
  );
});

test('[AP5] the largest peer id survives', () => {
  const largest: PeerID = '18446744073709551614';
  expect(decodeVersion(encodeVersion(new Map([[largest, 1]])))).toEqual(new Map([[largest, 1]]));
});

test('[AP5] equal versions are equal texts, whatever the order they were learned in', () => {
  const a = new Map<PeerID, number>([
    ['3', 5],
    ['1', 2],
  ]);
  const b = new Map<PeerID, number>([
    ['1', 2],
    ['3', 5],
    ['9', 0],
  ]);
  expect(encodeVersion(a)).toBe(encodeVersion(b));
});

test('[SY11] what is no version is undefined, never an exception', () => {
  for (const text of ['', '!', 'A', '_____w', 'AQ', `${'A'.repeat(40)}`, '_'.repeat(1000)]) {
    expect(decodeVersion(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoded = decodeVersion(toBase64Url(bytes));
      if (decoded === undefined) return;
      const held = new Map([...decoded].filter(([, counter]) => counter > 0));
      expect(decodeVersion(encodeVersion(decoded))).toEqual(held);
    }),
  );
});

test('[AP5] versions compare as what they include', () => {
  const old = new Map<PeerID, number>([['1', 2]]);
  const now = new Map<PeerID, number>([
    ['1', 3],
    ['2', 1],
  ]);
  const other = new Map<PeerID, number>([['3', 1]]);
  expect(compareVersions(old, old)).toBe('equal');
  expect(compareVersions(old, now)).toBe('before');
  expect(compareVersions(now, old)).toBe('after');
  expect(compareVersions(now, other)).toBe('concurrent');
});

test('[AP5] the version of a document counts what is not committed yet', () => {
  const doc = new LoroDoc();
  doc.setPeerId('7');
  doc.getMap('meta').set('a', 1);
  const version = decodeVersion(versionOf(doc));
  expect(version).toEqual(new Map([['7', 1]]));
  expect(includesVersion(doc, version ?? new Map())).toBe(true);
  expect(includesVersion(doc, new Map<PeerID, number>([['7', 2]]))).toBe(false);
});

test('[AP5] whether a version covers a part is asked of the peers in the part alone', () => {
  const version = new (class extends Map<PeerID, number> {
    override [Symbol.iterator](): never {
      throw new Error('all of it was walked');
    }
  })();
  version.set('1', 5).set('2', 7);
  const has = (...part: [PeerID, number][]): boolean => covers(version, new Map(part));
  expect([has(), has(['1', 5]), has(['1', 4], ['2', 7])]).toEqual([true, true, true]);
  expect([has(['1', 6]), has(['1', 5], ['3', 1])]).toEqual([false, false]);
});
