// A log as the document's host leaves it: a base with leases, and what came behind it.
import { migrate } from '@hakiri/config-doc/migrations';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { versionOf } from '@hakiri/config-doc/version';
import { LoroDoc } from 'loro-crdt';
import { type Base, encodeBase } from '../document/base.ts';
import { encodeRecord, type LeaseNote } from '../document/record.ts';

const LEASED: LeaseNote[] = [
  { peer: '71', user: 'alice', device: 'laptop-12' },
  { peer: '72', user: 'bob', device: 'laptop-12' },
];

/** A base of two edits, and a tail of one. */
export function aLog(more: Partial<Base> = {}) {
  const doc = new LoroDoc();
  doc.setPeerId('7');
  migrate(doc);
  doc.getMap('scratch').set('a', 1);
  doc.commit();
  const base = encodeBase({
    snapshot: doc.export({ mode: 'snapshot' }),
    version: versionOf(doc),
    schema: SCHEMA_VERSION,
    leases: LEASED,
    ...more,
  });
  const early = doc.oplogVersion();
  doc.getMap('scratch').set('b', 2);
  doc.commit();
  const update = doc.export({ mode: 'update', from: early });
  const actor = { kind: 'user', id: 'carol' } as const;
  const entries = [encodeRecord({ kind: 'update', actor, receivedAtMs: 1, update })];
  return { doc, base, early: early.encode(), entries, update };
}
