// The detector against an oracle that looks at every pair of operations of the whole history, over random histories.
import { expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { LoroDoc, type PeerID, type TreeID } from 'loro-crdt';
import { ConflictTracker } from './conflicts.ts';
import {
  createPipeline,
  deletePipeline,
  deleteVariable,
  renamePipeline,
  setEnabled,
  setSchedule,
  setTag,
  setText,
  setVariable,
} from './edit.ts';
import { addTransform, moveTransform, removeTransform, setTransform } from './edit-transforms.ts';
import { deleteGroup, ensureGroup, moveGroup, readGroupPaths, renameGroup } from './groups.ts';
import { type Span, spansOf } from './operations.ts';
import { pipelineKeys } from './read.ts';
import { Oracle } from './testing/conflicts-oracle.ts';

const HISTORIES = 10_000;
const FIRST_SEED = Number(process.env.SEED ?? 1);
/** Where the detector or the oracle was wrong once. */
const PINNED: readonly number[] = [1214, 50_227, 51_283, 201_823];

const NOW_MS = Date.UTC(2026, 0, 1);
const CONTEXT = { nowMs: NOW_MS, authorOf: (peer: PeerID) => ({ user: `user-${peer}`, atMs: NOW_MS }) };

const base = new LoroDoc();
base.setPeerId('1');
const STEP = { kind: 'filter' as const, body: 'x', inputs: [] };
createPipeline(base, { id: 'a', transforms: [{ ...STEP, key: 'TA' }] }, 'A');
createPipeline(base, { id: 'b' }, 'B');
setVariable(base, { name: 'V', value: '1' }, 'V');
const groups = ['g', 'g/h', 'k'].map((path) => ensureGroup(base, path)).filter((id) => id !== undefined);
base.commit();
const full = base.export({ mode: 'snapshot' });
const shallow = base.export({ mode: 'shallow-snapshot', frontiers: base.oplogFrontiers() });

function edit(doc: LoroDoc, random: Prng, name: string): void {
  const key = random.next() < 0.9 ? 'A' : 'B';
  const group = random.pick(groups);
  const value = String(random.below(3));
  const edits: (() => unknown)[] = [
    () => setSchedule(doc, key, { kind: 'every', expr: value }),
    () => setSchedule(doc, key, { kind: 'cron', expr: value }),
    () => setEnabled(doc, key, random.next() < 0.5),
    () => renamePipeline(doc, key, value),
    () => setTag(doc, key, random.pick(['s', 't']), random.next() < 0.5),
    () => setText(doc, key, 'description', `text ${value}`),
    () => deletePipeline(doc, key),
    () => setTransform(doc, 'A', 'TA', { kind: random.pick(['filter', 'select']) }),
    () => setTransform(doc, 'A', 'TA', { body: `body ${value}` }),
    () => removeTransform(doc, 'A', 'TA'),
    () => addTransform(doc, key, STEP, random.below(2), `T${name}`),
    () => moveTransform(doc, key, 'TA', random.below(2)),
    () => setVariable(doc, { name: `V${value}`, value: '1' }, 'V'),
    () => setVariable(doc, { name: 'V', value }, 'V'),
    () => deleteVariable(doc, 'V'),
    () => renameGroup(doc, group, value),
    () => moveGroup(doc, group, random.next() < 0.3 ? undefined : random.pick(groups)),
    () => deleteGroup(doc, group),
    // What was deleted comes back under its key.
    () => pipelineKeys(doc).includes(key) || createPipeline(doc, { id: value }, key),
  ];
  const count = random.pick([1, 1, 2]);
  for (let index = 0; index < count; index++) random.pick(edits)();
  doc.commit();
}

function send(from: LoroDoc, to: LoroDoc): Span[] {
  const since = to.oplogVersion();
  const { success } = to.import(from.export({ mode: 'update', from: since }));
  since.free();
  return spansOf(success);
}

/** What differs from the oracle, if anything. */
function play(seed: number): { found: number; wrong?: string } {
  const random = createPrng(seed);
  const start = random.below(2) === 0 ? shallow : full;
  let host = new LoroDoc();
  host.import(start);
  let tracker = new ConflictTracker(host);
  const docs = Array.from({ length: random.pick([2, 2, 2, 2, 3, 4]) }, (_, index) => {
    const doc = new LoroDoc();
    doc.import(start);
    doc.setPeerId(`${10 + index}`);
    return doc;
  });
  const oracle = new Oracle(base);
  let found = 0;
  let wrong: string | undefined;
  const steps = 3 + random.below(5);
  // At the end everybody hands in what is left.
  for (let step = 0; step < steps + docs.length && wrong === undefined; step++) {
    const doc = docs[step - steps] ?? random.pick(docs);
    const action = random.below(10);
    if (step < steps && action < 7) edit(doc, random, `${seed}x${step}`);
    else if (step >= steps || action < 8) {
      const spans = send(doc, host);
      const isFresh = random.below(3) === 0;
      if (random.below(30) === 0) {
        const copy = new LoroDoc();
        copy.import(host.export({ mode: 'snapshot' }));
        host.free();
        host = copy;
        tracker = new ConflictTracker(host);
      }
      if (isFresh) tracker = new ConflictTracker(host);
      const detection = tracker.detect(spans, CONTEXT);
      const told = detection.kind === 'beyond' ? ['beyond'] : detection.notices.map(Oracle.textOf).sort();
      const expected = oracle.expect(host, spans).sort();
      found += told.length;
      if (!Bun.deepEquals(told, expected)) {
        wrong = `step ${step}: told\n ${told.join('\n ')}\nexpected\n ${expected.join('\n ')}`;
      }
    } else if (action === 8) send(host, doc);
    else send(random.pick(docs), doc);
  }
  for (const doc of [host, ...docs]) doc.free();
  return wrong === undefined ? { found } : { found, wrong };
}

test(`[SY6.3] as the oracle says, over ${HISTORIES} random histories`, () => {
  let found = 0;
  for (const seed of PINNED) expect({ seed, wrong: play(seed).wrong }).toEqual({ seed, wrong: undefined });
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
    const played = play(seed);
    found += played.found;
    if (played.wrong !== undefined) throw new Error(`SEED=${seed} ${played.wrong}`);
  }
  // Histories that collide too seldom would prove little.
  expect(found).toBeGreaterThan(HISTORIES / 4);
}, 300_000);

test('[SY6.3] the groups of the histories are those of the document', () => {
  expect([...readGroupPaths(base).keys()].sort()).toEqual([...groups].sort() as TreeID[]);
});

test('[SY6.3] the oracle knows a conflict when it sees one', () => {
  const base = new LoroDoc();
  base.setPeerId('1');
  const oracle = new Oracle(base);
  const other = new LoroDoc();
  other.setPeerId('2');
  base.getMap('pipelines').set('A', 1);
  other.getMap('pipelines').set('A', 2);
  base.commit();
  other.commit();
  const host = new LoroDoc();
  host.import(base.export({ mode: 'update' }));
  host.import(other.export({ mode: 'update' }));
  expect(new Oracle(new LoroDoc()).expect(host, [{ peer: '2', start: 0, end: 1 }])).toEqual([
    'same_field 0@2-0@1 pipelines/A  []',
  ]);
  expect(oracle.expect(host, [{ peer: '1', start: 0, end: 1 }])).toHaveLength(0);
});
