// A document that as many wrote to as may: its version is said, read and kept, by each of those who bound it.
import { expect, test } from 'bun:test';
import { initDocument } from '@hakiri/config-doc/schema';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { decodeVersion, encodeVersion, peerId, versionOf } from '@hakiri/config-doc/version';
import { DocVersion, VERSION_PEERS_LIMIT } from '@hakiri/contracts/names';
import { Value } from '@sinclair/typebox/value';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeBase } from '../document/base.ts';
import { LogHead } from '../document/log-head.ts';
import { Host, type Order } from '../host/host.ts';
import { LEASES_LIMIT } from '../host/leases.ts';

/** As long as ids are when they are random. */
const PEER_MAX = 2n ** 64n - 1n;

function baseWrittenBy(peers: number): Uint8Array {
  const doc = new LoroDoc();
  doc.setPeerId('7');
  initDocument(doc);
  doc.commit();
  for (let count = 1; count < peers; count++) {
    doc.setPeerId(peerId(PEER_MAX - BigInt(count)));
    doc.getMap('scratch').set('a', count);
    doc.commit();
  }
  const version = versionOf(doc);
  expect(Value.Check(DocVersion, version)).toBe(true);
  const snapshot = doc.export({ mode: 'snapshot' });
  doc.free();
  return encodeBase({ snapshot, version, schema: SCHEMA_VERSION, leases: [] });
}

function askedOf(host: Host, order: Order) {
  const answer = host.perform(order);
  if (answer.kind !== 'done') throw new Error(`${order.kind}: ${answer.kind}`);
  return answer.reply;
}

for (const peers of [5_000, LEASES_LIMIT])
  test(`[SY5.12] a document that ${peers} ids wrote to is joined, and its base is made and read`, () => {
    const host = new Host(DEFAULTS, () => 0);
    askedOf(host, { document: 1, kind: 'read', input: { base: baseWrittenBy(peers), entries: [] } });
    const made = askedOf(host, { document: 1, kind: 'base', input: { history: undefined } });
    if (made === undefined || !('base' in made)) throw new Error('no base');
    const { base } = made;
    askedOf(host, { document: 1, kind: 'check', input: { base } });
    askedOf(host, { document: 2, kind: 'open', input: { base, entries: [] } });
    const snapshot = askedOf(host, { document: 2, kind: 'snapshot', input: undefined });
    if (snapshot === undefined || !('bytes' in snapshot) || !('version' in snapshot))
      throw new Error('no snapshot');
    const { version } = snapshot;
    const input = {
      user: 'bob',
      connection: 1,
      atMs: 0,
      device: undefined,
      isEditor: false,
      speaks: undefined,
    };
    const join = { kind: 'join', input: { ...input, version, isFresh: true } } as const;
    expect(askedOf(host, { document: 2, ...join })).toMatchObject({ kind: 'joined' });
    // So many are not for the main thread.
    expect(new LogHead({ base, entries: [] }).answer(join)).toBeUndefined();
  });

test('[SY5.12] a version of as many ids as may be, each as long as can be, is one', () => {
  const longest = Array.from(
    { length: VERSION_PEERS_LIMIT },
    (_, index) => [peerId(PEER_MAX - BigInt(index)), 2 ** 31 - 1] as const,
  );
  const version = encodeVersion(new Map(longest));
  expect(Value.Check(DocVersion, version)).toBe(true);
  expect(decodeVersion(version)?.size).toBe(VERSION_PEERS_LIMIT);
  expect(VERSION_PEERS_LIMIT).toBeGreaterThan(LEASES_LIMIT);
});
