// A large document after a load: when it is cold, what warms it up, and that nothing changes by that.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { versionOf } from '@hakiri/config-doc/version';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeBase } from '../document/base.ts';
import { COLD_BASE_BYTES } from './cold-base.ts';
import { HostedDocument } from './hosted-document.ts';
import type { JoinReply } from './protocol.ts';
import { warmUp } from './warm-up.ts';

/** Text that does not compress, as long as that. */
function docOf(bytes: number): LoroDoc {
  const prng = createPrng(1);
  const doc = new LoroDoc();
  doc.setPeerId('7');
  doc.getMap('scratch').set('a', 1);
  doc.commit();
  const noise = Array.from({ length: bytes }, () => String.fromCharCode(33 + prng.below(90))).join('');
  doc.getMap('scratch').set('noise', noise);
  doc.commit();
  return doc;
}

const open = (doc: LoroDoc) =>
  HostedDocument.open(
    {
      base: encodeBase({
        snapshot: doc.export({ mode: 'snapshot' }),
        version: versionOf(doc),
        schema: 0,
        leases: [],
      }),
      entries: [],
    },
    DEFAULTS,
  );

function join(hosted: HostedDocument, isEditor: boolean): Extract<JoinReply, { kind: 'joined' }> {
  const who = { user: 'alice', connection: 1, atMs: 0, device: undefined, speaks: undefined };
  const version = hosted.document.encodedVersion();
  const reply = hosted.join({ version, isEditor, isFresh: !isEditor, ...who });
  if (reply.kind !== 'joined') throw new Error(reply.kind);
  return reply;
}

test('[SY8.7] a large document is cold after a load, until it is warmed up, or somebody comes who may edit it at once', () => {
  const large = docOf(1.3 * COLD_BASE_BYTES);
  const { hosted, reply } = open(large);
  expect(reply.isCold).toBe(true);
  expect(join(hosted, false).isCold).toBe(true);
  const version = hosted.document.version();
  hosted.warmUp();
  expect(join(hosted, false).isCold).toBe(false);
  expect(hosted.document.version()).toBe(version);
  const other = open(large);
  expect(join(other.hosted, true).isCold).toBe(false);
  for (const opened of [hosted, other.hosted]) opened.free();
});

test('[SY8.7] a small one never is', () => {
  const { hosted, reply } = open(docOf(10));
  expect(reply.isCold).toBe(false);
  hosted.free();
});

test('[SY8.7] warming up changes nothing, whatever the history looks like', () => {
  const doc = docOf(10);
  const other = LoroDoc.fromSnapshot(doc.export({ mode: 'snapshot' }));
  other.setPeerId('8');
  other.getMap('scratch').set('b', 2);
  doc.getMap('scratch').set('a', 2);
  doc.import(other.export({ mode: 'update' }));
  const shallow = new LoroDoc();
  shallow.import(doc.export({ mode: 'shallow-snapshot', frontiers: doc.oplogFrontiers() }));
  for (const one of [doc, shallow, new LoroDoc()]) {
    one.getMap('pipelines'); // a root that was asked for once shows, without an operation
    const before = [one.toJSON(), one.oplogVersion().toJSON(), one.isDetached()];
    warmUp(one);
    expect([one.toJSON(), one.oplogVersion().toJSON(), one.isDetached()]).toEqual(before);
  }
});
