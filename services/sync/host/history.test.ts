// One page of who changed what: what it says of history that is not kept.
import { expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { LoroDoc } from 'loro-crdt';
import { DEFAULTS } from '../config.ts';
import { Document } from './document.ts';
import { readHistory } from './history.ts';
import { Receipts } from './receipts.ts';

const PEER = '77';
const REQUEST = { pipeline: undefined, user: undefined, before: undefined, limit: 10 };

/** A pipeline, then something that is no entity, each with its receipt; kept is what comes after `root`, or all. */
function read(root: 'all' | 'after the pipeline') {
  const doc = new LoroDoc();
  doc.setPeerId(PEER);
  createPipeline(doc, { id: 'a' });
  doc.commit();
  const made = doc.oplogVersion().get(PEER) ?? 0;
  const frontiers = doc.oplogFrontiers();
  doc.getMap('scratch').set('x', 1);
  doc.commit();
  doc.getMap('scratch').set('x', 2);
  doc.commit();
  const bytes =
    root === 'all' ? doc.export({ mode: 'snapshot' }) : doc.export({ mode: 'shallow-snapshot', frontiers });
  const receipts = new Receipts([
    { peer: PEER, start: 0, end: made, user: 'alice', atMs: 0 },
    { peer: PEER, start: made, end: made + 2, user: 'alice', atMs: 5_000 },
  ]);
  return readHistory(Document.load(bytes, [], DEFAULTS), receipts, REQUEST);
}

test('[SY5.21] edits count as dropped when their history was, not when they touched no entity', () => {
  const [whole, cut] = [read('all'), read('after the pipeline')];
  expect([whole?.entries.length, whole?.isCut]).toEqual([1, false]);
  expect([cut?.entries.length, cut?.isCut]).toEqual([0, true]);
});
