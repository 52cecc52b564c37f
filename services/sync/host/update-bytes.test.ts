// What is read of updates here against what Loro reads, and what is written against what Loro makes of it.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { createPipeline, deletePipeline, setText } from '@hakiri/config-doc/edit';
import { LoroDoc, type VersionVector } from 'loro-crdt';
import { joinUpdates, scanUpdate } from './update-bytes.ts';
import { readHeader } from './update-header.ts';

const SEED = Number(process.env.SEED ?? 1);

/** Updates of all kinds, with what a document had that is to take them. */
function* updates(): Generator<{ update: Uint8Array; from: VersionVector }> {
  const random = createPrng(SEED);
  const docs = (['7', '18446744073709551614', '900000000001', '300'] as const).map((peer) => {
    const doc = new LoroDoc();
    doc.setPeerId(peer);
    return doc;
  });
  for (let count = 0; count < 40; count++) {
    const doc = random.pick(docs);
    const from = random.below(4) === 0 ? random.pick(docs).oplogVersion() : doc.oplogVersion();
    for (let edits = random.below(4); edits >= 0; edits--) {
      const key = `P${random.below(3)}`;
      if (random.below(4) === 0) doc.import(random.pick(docs).export({ mode: 'update' }));
      createPipeline(doc, { id: `${count}` }, key);
      if (random.below(3) === 0) deletePipeline(doc, key);
      doc.getText('text').insert(0, 'x'.repeat(random.below(9) === 0 ? 2_000 : 3));
      if (doc.getText('text').length > 3_000) doc.getText('text').delete(0, 2_000);
      doc.getMap('scratch').set(key, random.below(9));
      doc.commit({
        timestamp: random.below(2_000_000_000),
        ...(random.below(2) === 0 && { message: 'said' }),
      });
    }
    yield { update: doc.export({ mode: 'update', from }), from };
  }
}

/** By somebody who hears of nobody. */
function* continued(): Generator<{ update: Uint8Array }> {
  const doc = new LoroDoc();
  doc.setPeerId('5');
  for (let count = 0; count < 5; count++) {
    const from = doc.oplogVersion();
    doc.getMap('scratch').set('alone', count);
    doc.commit();
    yield { update: doc.export({ mode: 'update', from }) };
  }
}

test(`[SY2.14] an update says of itself what Loro reads in it (SEED=${SEED})`, () => {
  for (const { update } of updates()) {
    const { mode, starts, ends } = readHeader(update) ?? {};
    expect(scanUpdate(update)).toMatchObject({ mode, starts, ends });
  }
});

test(`[SY2.14] an update says whether it goes on from its own peer alone (SEED=${SEED})`, () => {
  const all = new LoroDoc();
  const seen = [...updates(), ...continued()];
  all.importBatch(seen.map(({ update }) => update));
  const found = { next: 0, other: 0 };
  for (const { update } of seen) {
    const { starts, ends, isNext } = scanUpdate(update) ?? {};
    const spans = [...(ends ?? [])].map(([peer, end]) => ({ peer, start: starts?.get(peer) ?? 0, end }));
    const [{ peer, start } = { peer: '0', start: 0 } as const, ...more] = spans;
    const change = all.getChangeAt({ peer, counter: start });
    // In the middle of a change an operation follows the one before it.
    const deps = change.counter < start ? [{ peer }] : change.deps;
    if (isNext) expect(more.length === 0 && deps.length === 1 && deps[0]?.peer === peer).toBe(true);
    found[isNext ? 'next' : 'other'] += 1;
  }
  expect(found.next).toBeGreaterThan(3);
  expect(found.other).toBeGreaterThan(3);
});

test('[SY2.14] what is cut, changed or something else is not read', () => {
  const doc = new LoroDoc();
  setText(doc, 'A', 'name', 'x');
  doc.getMap('scratch').set('a', 1);
  const update = doc.export({ mode: 'update' });
  for (let at = 0; at < update.length; at++) {
    expect(scanUpdate(update.subarray(0, at))).toBeUndefined();
    const changed = Uint8Array.from(update);
    changed[at] = (changed[at] ?? 0) ^ 1;
    // Of the name's and the checksum's bytes Loro looks at some alone.
    if (scanUpdate(changed) !== undefined) expect(readHeader(changed)).toBeDefined();
  }
  expect(scanUpdate(doc.export({ mode: 'snapshot' }))).toBeUndefined();
});

test('[SY2.14] updates that are joined are one that Loro reads as all of them', () => {
  let waiting: { update: Uint8Array; from: VersionVector }[] = [];
  const [one, other] = [new LoroDoc(), new LoroDoc()];
  for (const made of updates()) {
    waiting.push(made);
    if (waiting.length < 7) continue;
    for (const { update } of waiting) one.import(update);
    const joined = joinUpdates(waiting.map(({ update }) => update));
    expect(readHeader(joined)).toBeDefined();
    other.import(joined);
    expect(other.oplogVersion().toJSON()).toEqual(one.oplogVersion().toJSON());
    waiting = [];
  }
  expect(other.toJSON()).toEqual(one.toJSON());
});
