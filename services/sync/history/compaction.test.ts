import { expect, test } from 'bun:test';
import { createPipeline, setSchedule } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { decodeVersion } from '@hakiri/config-doc/version';
import { LoroDoc, type PeerID } from 'loro-crdt';
import { ArchiveError, decodeArchive } from './archive-bytes.ts';
import { CompactionError, compact, sealTip } from './compaction.ts';
import { heldBy, isTooOld, rootOf, updateSince } from './document-version.ts';

function replica(of: LoroDoc | undefined, peer: PeerID): LoroDoc {
  const doc = new LoroDoc();
  if (of !== undefined) doc.import(of.export({ mode: 'snapshot' }));
  doc.setPeerId(peer);
  return doc;
}
function start(): LoroDoc {
  const doc = replica(undefined, '1');
  createPipeline(doc, { id: 'a' }, 'A');
  createPipeline(doc, { id: 'b' }, 'B');
  doc.commit();
  return doc;
}
function edit(doc: LoroDoc, key: string, expr: string): void {
  setSchedule(doc, key, { kind: 'every', expr });
  doc.commit();
}
/** Compacts and goes on as the server. */
function next(doc: LoroDoc, roots: readonly Uint8Array[]) {
  sealTip(doc);
  const compaction = compact(doc, roots);
  const live = compaction.live ?? doc;
  live.setPeerId('1');
  return { ...compaction, live };
}

test('[SY7.1] history reaches back to the compaction before, never less', () => {
  const doc = start();
  const first = compact(doc, []);
  expect(first.live).toBeUndefined();
  expect(decodeVersion(first.rootVersion)).toEqual(new Map());
  const atFirst = heldBy(doc);
  edit(doc, 'A', '1h');
  const before = readConfig(doc);
  const second = next(doc, first.roots);
  expect(readConfig(second.live)).toEqual(before);
  expect(heldBy(second.live)).toEqual(heldBy(doc));
  expect(isTooOld(second.live, atFirst)).toBe(false);
  const atSecond = heldBy(second.live);
  edit(second.live, 'A', '2h');
  const third = next(second.live, second.roots);
  expect(isTooOld(third.live, atSecond)).toBe(false);
  expect(isTooOld(third.live, atFirst)).toBe(true);
  expect(third.roots).toHaveLength(2);
  // A client that was there at the second compaction goes on by normal deltas, both ways.
  const client = replica(second.live, '20');
  edit(client, 'B', '3h');
  expect(third.live.import(updateSince(client, heldBy(third.live))).pending).toBeNull();
  expect(client.import(updateSince(third.live, heldBy(client))).pending).toBeNull();
  expect(readConfig(client)).toEqual(readConfig(third.live));
});

test('[SY7.1] compacting again without an edit between changes nothing', () => {
  const doc = start();
  const first = next(doc, []);
  const second = next(first.live, first.roots);
  const third = next(second.live, second.roots);
  expect(heldBy(third.live)).toEqual(heldBy(doc));
  expect(readConfig(third.live)).toEqual(readConfig(doc));
});

test('[SY7.2] an archive holds the history between its two ends', () => {
  const doc = start();
  const first = next(doc, []);
  const middle = heldBy(doc);
  edit(doc, 'A', '1h');
  const second = next(doc, first.roots);
  for (const { archive, tipVersion } of [first, second]) {
    const { root, update } = decodeArchive(archive);
    const restored = new LoroDoc();
    restored.import(root);
    if (update.length > 0) expect(restored.import(update).pending).toBeNull();
    expect(heldBy(restored)).toEqual(decodeVersion(tipVersion) ?? new Map());
  }
  expect(decodeVersion(second.rootVersion)).toEqual(middle);
  expect(() => decodeArchive(first.archive.subarray(0, 20))).toThrow(ArchiveError);
  expect(() => decodeArchive(new Uint8Array([9, 0, 0, 0, 0]))).toThrow(ArchiveError);
});

test('[SY7.3] edits that stood side by side are sealed, or the root would lie where they last met', () => {
  const doc = start();
  const [ann, bob] = [replica(doc, '20'), replica(doc, '30')];
  edit(ann, 'A', '1h');
  edit(bob, 'B', '2h');
  for (const person of [ann, bob]) doc.import(updateSince(person, heldBy(doc)));
  expect(doc.oplogFrontiers()).toHaveLength(2);
  expect(() => compact(doc, [])).toThrow(CompactionError);
  const seal = sealTip(doc);
  if (seal === undefined) throw new Error('there were two heads');
  expect(sealTip(doc)).toBeUndefined();
  const first = next(doc, []);
  edit(doc, 'A', '3h');
  const second = next(doc, first.roots);
  const root = decodeVersion(first.tipVersion);
  // All but the last operation, which is the root's own.
  expect(rootOf(second.live).get('20')).toBe(root?.get('20'));
  expect(rootOf(second.live).get('30')).toBe(root?.get('30'));
  // Who has the rest takes the seal as any other edit.
  ann.import(updateSince(bob, heldBy(ann)));
  expect(ann.import(seal).pending).toBeNull();
});

test('[SY7.3] an edit that was on its way when a root was made keeps the root before', () => {
  const doc = start();
  const first = next(doc, []);
  edit(doc, 'A', '1h');
  const away = replica(doc, '20');
  edit(away, 'B', '2h');
  edit(doc, 'A', '2h');
  const second = next(doc, first.roots);
  // It builds on what is before the second root, and the history that is kept still has that.
  expect(second.live.import(updateSince(away, heldBy(second.live))).pending).toBeNull();
  const before = readConfig(second.live);
  const third = next(second.live, second.roots);
  expect(third.rootVersion).toBe(second.rootVersion);
  expect(third.roots).toHaveLength(3);
  expect(readConfig(third.live)).toEqual(before);
  const fourth = next(third.live, third.roots);
  expect(fourth.rootVersion).toBe(third.tipVersion);
  expect(fourth.roots).toHaveLength(2);
});

test('[SY7.3] roots that do not belong to the document, or are damaged, compact nothing', () => {
  const doc = start();
  const { roots } = next(doc, []);
  edit(doc, 'A', '1h');
  const other = start();
  edit(other, 'A', '9h');
  edit(other, 'A', '8h');
  const before = readConfig(doc);
  expect(() => compact(doc, next(other, []).roots)).toThrow();
  const damaged = roots.map((root) => root.with(root.length - 9, 7));
  expect(() => compact(doc, damaged)).toThrow();
  expect(readConfig(doc)).toEqual(before);
});
