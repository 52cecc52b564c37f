// A log that is read in large pieces gives what it gives entry by entry.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { createPipeline, setText } from '@hakiri/config-doc/edit';
import { initDocument } from '@hakiri/config-doc/schema';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { versionOf } from '@hakiri/config-doc/version';
import { LoroDoc, type PeerID } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { encodeBase } from '../document/base.ts';
import { encodeRecord } from '../document/record.ts';
import { ConflictWatch } from './conflict-watch.ts';
import { Leases } from './leases.ts';
import { enterReceived, openLog } from './log-state.ts';
import { Receipts } from './receipts.ts';
import { logged, replay } from './replay.ts';
import { Touched } from './touched.ts';
import { readHeader, spansIn, spansOf } from './update-header.ts';

const HISTORIES = 4;
const FIRST_SEED = Number(process.env.SEED ?? 1);
/** So many of the last are looked at for conflicts. */
const LOOKED_AT = 500;
const PIPELINES = ['a', 'b', 'c'];

type Written = { update: Uint8Array; user: string; atMs: number };

/** What people wrote who hear of each other now and then, as the log has it; some of it twice. */
function history(prng: Prng): { base: Uint8Array; snapshot: Uint8Array; written: Written[] } {
  const start = new LoroDoc();
  start.setPeerId('900');
  initDocument(start);
  for (const id of PIPELINES) createPipeline(start, { id }, id);
  start.commit();
  const snapshot = start.export({ mode: 'snapshot' });
  const base = encodeBase({ snapshot, version: versionOf(start), schema: SCHEMA_VERSION, leases: [] });
  const server = LoroDoc.fromSnapshot(snapshot);
  const people = Array.from({ length: 1 + prng.below(4) }, (_, index) => {
    const doc = LoroDoc.fromSnapshot(snapshot);
    doc.setPeerId(`${100 + index}`);
    return { doc, user: `user-${index % 3}` };
  });
  const written: Written[] = [];
  for (let atMs = 0; written.length < 560 + prng.below(100); atMs += prng.below(800)) {
    const { doc, user } = people[prng.below(people.length)] ?? { doc: server, user: '' };
    if (prng.below(3) === 0) doc.import(server.export({ mode: 'update', from: doc.oplogVersion() }));
    const from = doc.oplogVersion();
    for (let edits = 1 + prng.below(3); edits > 0; edits--) write(doc, prng);
    doc.commit();
    const update = doc.export({ mode: 'update', from });
    if (readHeader(update)?.ends.size === 0) continue;
    server.import(update);
    written.push({ update, user, atMs });
    if (prng.below(40) === 0) written.push({ update, user, atMs });
  }
  return { base, snapshot, written };
}

function write(doc: LoroDoc, prng: Prng): void {
  const id = PIPELINES[prng.below(PIPELINES.length)] ?? 'a';
  const list = doc.getMovableList('list');
  const text = doc.getText('text');
  const kind = prng.below(5);
  if (kind === 0) doc.getMap('map').set(`key-${prng.below(5)}`, prng.below(100));
  else if (kind === 1) text.insert(prng.below(text.length + 1), 'é');
  else if (kind === 2) list.push(prng.below(100));
  else if (kind === 3 && list.length > 2) list.move(prng.below(list.length), prng.below(list.length));
  else setText(doc, id, 'description', `${prng.below(100)}`);
}

describe('a log that is read in large pieces', () => {
  test('[SY2.5] gives the document, the receipts, the leases and the notices that it gives entry by entry', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
      const { base, snapshot, written } = history(createPrng(seed));
      const entries = written.map(({ update, user, atMs }) =>
        encodeRecord({ kind: 'update', actor: { kind: 'user', id: user }, receivedAtMs: atMs, update }),
      );
      const read = openLog({ base, entries }, DEFAULTS);
      const doc = LoroDoc.fromSnapshot(snapshot);
      const kept = { leases: new Leases(), receipts: new Receipts(), touched: new Touched() };
      const watch = new ConflictWatch(doc, new Set());
      for (const [index, { update, user, atMs }] of written.entries()) {
        const { success } = doc.import(update);
        if (index >= written.length - LOOKED_AT) watch.saw(spansOf(success));
        const header = readHeader(update);
        if (header !== undefined) enterReceived(kept, spansIn(header), user, atMs);
      }
      const label = `SEED=${seed}`;
      expect(read.document.loro.toJSON(), label).toEqual(doc.toJSON());
      expect(read.document.version(), label).toBe(versionOf(doc));
      expect(read.document.loro.oplogFrontiers().toSorted(byPeer), label).toEqual(
        doc.oplogFrontiers().toSorted(byPeer),
      );
      expect(read.receipts.all(), label).toEqual(kept.receipts.all());
      expect([...read.leases.all()], label).toEqual([...kept.leases.all()]);
      expect(read.conflicts.look(read.receipts, 9), label).toEqual(watch.look(kept.receipts, 9));
      read.document.free();
      doc.free();
    }
  }, 120_000);

  test('[SY2.5] entry by entry, when one of them is not what is expected', () => {
    const { snapshot, written } = history(createPrng(FIRST_SEED));
    const updates = written.map(({ update }) => update);
    const expected = replay(snapshot, updates.map(logged)).toJSON();
    // A snapshot among them is no plain update.
    const half = LoroDoc.fromSnapshot(snapshot);
    for (const update of updates.slice(0, 100)) half.import(update);
    const odd = updates.with(100, half.export({ mode: 'snapshot' })).map(logged);
    const missing = updates[100] ?? new Uint8Array();
    expect(replay(snapshot, [...odd, logged(missing)]).toJSON()).toEqual(expected);
    // What waits for the operations behind it.
    expect(replay(snapshot, updates.toReversed().map(logged)).toJSON()).toEqual(expected);
    const damaged = Uint8Array.from(missing);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    expect(() => replay(snapshot, updates.with(100, damaged).map(logged))).toThrow();
  });
});

function byPeer(a: { peer: PeerID }, b: { peer: PeerID }): number {
  return a.peer < b.peer ? -1 : 1;
}
