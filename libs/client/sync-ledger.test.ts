// What is unsent, and in which messages it leaves: checked by a document that takes them one after another.
import { expect, test } from 'bun:test';
import { createPrng } from '@hakiri/base/prng';
import { LoroDoc } from 'loro-crdt';
import { createLedger, exportSpans, type Span, spansOf, versionMap } from './sync-ledger.ts';

test('[SY16.14] what several tabs typed leaves in an order in which nothing waits, one peer a message, each bounded', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`seed ${seed}\n`);
  const random = createPrng(seed);
  const tabs = (['1', '2', '3'] as const).map((peer) => {
    const doc = new LoroDoc();
    doc.setPeerId(peer);
    return doc;
  });
  for (let edit = 0; edit < 200; edit++) {
    const [from, to] = [random.pick(tabs), random.pick(tabs)];
    from.getText('text').insert(0, 'x'.repeat(1 + random.below(100)));
    from.getMap('map').set(`key ${random.below(5)}`, edit);
    from.commit();
    to.import(from.export({ mode: 'update', from: to.oplogVersion() }));
  }
  const all = new LoroDoc();
  for (const tab of tabs) all.import(tab.export({ mode: 'snapshot' }));
  const spans: Span[] = [...versionMap(all)].map(([peer, to]) => ({ peer, from: 0, to }));
  const server = new LoroDoc();
  for (const message of exportSpans(all, spans)) {
    const held = spansOf(message);
    expect(held.length).toBe(1);
    expect((held[0]?.to ?? 0) - (held[0]?.from ?? 0)).toBeLessThanOrEqual(4_000);
    expect(server.import(message).pending?.size ?? 0).toBe(0);
  }
  expect(server.toJSON()).toEqual(all.toJSON());
});

test('[SY16.14] the ledger counts by version: an acknowledgement or a join settles, a server that lost something gets it again', () => {
  const ledger = createLedger();
  const have = new Map([['7', 30] as const]);
  ledger.made({ peer: '7', from: 10, to: 20 }, { kept: false, mine: true });
  expect(ledger.unsaved('mine')).toBe(10);
  expect(ledger.take('mine', have)).toEqual([]);
  ledger.kept({ peer: '7', from: 10, to: 20 });
  expect(ledger.take('mine', have)).toEqual([{ peer: '7', from: 10, to: 20 }]);
  expect(ledger.take('mine', have)).toEqual([]);
  ledger.acknowledge(new Map([['7', 15] as const]));
  expect(ledger.unsaved('mine')).toBe(5);
  ledger.atServer(new Map([['7', 20] as const]));
  expect(ledger.unsaved('mine')).toBe(0);
  ledger.atServer(new Map([['7', 12] as const]));
  expect(ledger.take('mine', have)).toEqual([{ peer: '7', from: 12, to: 20 }]);
});

test('[SY16.14] what is told by another tab and waits for what that tab has is not ours to hand in', () => {
  const ledger = createLedger();
  ledger.made({ peer: '7', from: 0, to: 5 }, { kept: true, mine: false });
  ledger.made({ peer: '8', from: 2, to: 4 }, { kept: true, mine: false });
  expect(ledger.unacknowledged(new Map([['7', 3]]))).toEqual([{ peer: '7', from: 0, to: 3 }]);
});

test('[SY16.14] what another tab typed is sent with a join alone, until that tab is gone', () => {
  const ledger = createLedger();
  const have = new Map([['7', 5] as const]);
  ledger.made({ peer: '7', from: 0, to: 5 }, { kept: true, mine: false });
  expect([ledger.unsaved('mine'), ledger.unsaved('all')]).toEqual([0, 5]);
  expect(ledger.take('mine', have)).toEqual([]);
  ledger.takeOver('7');
  expect(ledger.take('mine', have)).toEqual([{ peer: '7', from: 0, to: 5 }]);
});
