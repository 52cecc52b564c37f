// What fuzzed frames are made of: real updates of every kind of container, updates with recomputed checksums around damaged
// insides, values nested deeply, and the three known updates at which Loro fails.
import { join } from 'node:path';
import type { Prng } from '@hakiri/base/prng';
import { LoroDoc, LoroMap, LoroText } from 'loro-crdt';

export const TRAPS = ['1690', '2855', '3544'] as const;
const TESTDATA = join(import.meta.dir, '../../services/sync/testdata');
/** The traps build on operations of this peer. */
const GROUND_PEER = '1001';
const GROUND_OPERATIONS = 4_400;
const ROUNDS = 40;
const NESTING_LIMIT = 3_000;
// The header of an export: "loro", a checksum over what follows the first 20 bytes, which stands at 16, seeded with "LORO".
const CHECKSUM_AT = 16;
const CHECKED_FROM = 20;
const CHECKSUM_SEED = 0x4f524f4c;

export type Corpus = { updates: Uint8Array[]; snapshot: Uint8Array; traps: Uint8Array[] };

export async function createCorpus(prng: Prng): Promise<Corpus> {
  const doc = new LoroDoc();
  const updates: Uint8Array[] = [];
  doc.subscribeLocalUpdates((update) => updates.push(new Uint8Array(update)));
  for (let round = 0; round < ROUNDS; round++) {
    edit(doc, prng, round);
    doc.commit();
  }
  const snapshot = doc.export({ mode: 'snapshot' });
  doc.free();
  const traps = await Promise.all(
    TRAPS.map((name) => Bun.file(join(TESTDATA, `trap-update-${name}.bin`)).bytes()),
  );
  return { updates, snapshot, traps };
}

function edit(doc: LoroDoc, prng: Prng, round: number): void {
  const pipeline = doc.getMap('pipelines').getOrCreateContainer(`p${prng.below(5)}`, new LoroMap());
  const text = pipeline.getOrCreateContainer('description', new LoroText());
  const list = doc.getMovableList('order');
  text.insert(prng.below(text.length + 1), 'some text of a person');
  if (text.length > 40) text.delete(prng.below(20), 10);
  list.push(round);
  if (list.length > 2) list.move(prng.below(list.length), prng.below(list.length));
  pipeline.set('schedule', { kind: 'cron', expr: `${round} 3 * * *`, tags: [round, true, null, 1.5] });
  if (round % 5 === 0) doc.getTree('groups').createNode().data.set('name', `group ${round}`);
}

/** Operations on which the traps build. */
export function groundOfTraps(): Uint8Array {
  const doc = new LoroDoc();
  doc.setPeerId(GROUND_PEER);
  for (let index = 0; index < GROUND_OPERATIONS; index++) doc.getMap('pipelines').set('ground', index);
  doc.commit();
  const update = doc.export({ mode: 'update' });
  doc.free();
  return update;
}

/** A fresh field of a fresh peer. */
export function validUpdate(prng: Prng): Uint8Array {
  return withOneCommit((doc) => doc.getMap('scratch').set(`k${prng.below(50)}`, 'value of some length'));
}

/** Loro recurses into values: deep ones have ended whole instances. */
export function nestedUpdate(prng: Prng): Uint8Array {
  let value: unknown[] = [];
  for (let depth = 1 + prng.below(NESTING_LIMIT); depth > 0; depth--) value = [value];
  return withOneCommit((doc) => doc.getMap('scratch').set('nested', value));
}

/** What only a checksum would have caught. */
export function rechecked(update: Uint8Array): Uint8Array {
  const copy = update.slice();
  if (copy.length > CHECKED_FROM)
    new DataView(copy.buffer).setUint32(
      CHECKSUM_AT,
      Bun.hash.xxHash32(copy.subarray(CHECKED_FROM), CHECKSUM_SEED),
      true,
    );
  return copy;
}

function withOneCommit(change: (doc: LoroDoc) => void): Uint8Array {
  const doc = new LoroDoc();
  change(doc);
  doc.commit();
  const update = doc.export({ mode: 'update' });
  doc.free();
  return update;
}

/** Flipped, cut off, longer than it was, or nothing of it left. */
export function damaged(prng: Prng, bytes: Uint8Array): Uint8Array {
  const kind = prng.below(5);
  if (kind === 0) return prng.bytes(1 + prng.below(120));
  if (kind === 1) return bytes.slice(0, prng.below(bytes.length));
  if (kind === 2) return Uint8Array.of(...bytes, ...prng.bytes(1 + prng.below(20)));
  return flipped(prng, bytes, 0);
}

export function flipped(prng: Prng, bytes: Uint8Array, from: number): Uint8Array {
  const copy = bytes.slice();
  for (let flips = 1 + prng.below(4); flips > 0 && copy.length > from; flips--)
    copy[from + prng.below(copy.length - from)] = prng.below(256);
  return copy;
}
