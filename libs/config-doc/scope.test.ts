import { expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import type { Scope } from '@hakiri/contracts/scope';
import { LoroDoc } from 'loro-crdt';
import { createPipeline, deletePipeline, moveToGroup, renamePipeline, setText } from './edit.ts';
import { isInGroup } from './group-path.ts';
import { deleteGroup, ensureGroup, renameGroup } from './groups.ts';
import { readConfig, readPipeline } from './read.ts';
import { pipelinesOf } from './schema.ts';
import { selectScope } from './scope.ts';

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
const STEPS = 20;
const IDS = ['a', 'b', 'c', 'd', 'e'];
const GROUPS = ['', 'g', 'g/x', 'h'];
const KEYS = Array.from({ length: 12 }, (_, index) => `K${index}`);

/** As the drafts have it. */
function slowScope(doc: LoroDoc, scope: Scope): string[] {
  const takes = (group: unknown, groups: readonly string[]): boolean =>
    typeof group === 'string' && groups.some((one) => isInGroup(group, one));
  const { pipelines } = readConfig(doc);
  const keys = new Set(pipelines.map(({ key }) => key));
  const names = 'pipelines' in scope ? scope.pipelines : [];
  return pipelines
    .filter(({ key, id, group }) => {
      if (scope.kind === 'all' || names.includes(key)) return true;
      if (typeof id === 'string' && names.includes(id) && !keys.has(id)) return true;
      if (scope.kind === 'group') return takes(group, [scope.group]);
      return scope.kind === 'selection' && takes(group, scope.groups);
    })
    .map(({ key }) => key);
}

function pick(prng: Prng, items: readonly string[]): string {
  return items[prng.below(items.length)] ?? '';
}

function edit(doc: LoroDoc, prng: Prng): void {
  const key = pick(prng, KEYS);
  const id = pick(prng, IDS);
  const group = pick(prng, GROUPS);
  switch (prng.below(8)) {
    case 0:
    case 1:
      createPipeline(doc, { id, group }, key);
      return;
    case 2:
      deletePipeline(doc, key);
      return;
    case 3:
      renamePipeline(doc, key, id);
      return;
    case 4:
      moveToGroup(doc, key, group);
      return;
    case 5:
      setText(doc, key, 'description', id);
      return;
    case 6:
      // What no client of ours writes: something else in a pipeline's place, or in its id's.
      pipelinesOf(doc).set(key, prng.below(2) === 0 ? 'nothing' : null);
      return;
    default: {
      const made = ensureGroup(doc, 'g/x');
      if (made === undefined || prng.below(3) > 0) return;
      if (prng.below(2) === 0) renameGroup(doc, made, 'y');
      else deleteGroup(doc, made);
    }
  }
}

test('[AP1] what a scope takes is what the drafts say, whatever was edited, merged and asked before', () => {
  for (const seed of SEEDS) {
    const prng = createPrng(seed);
    const [ours, theirs] = [new LoroDoc(), new LoroDoc()];
    ours.setPeerId('1');
    theirs.setPeerId('2');
    for (let step = 0; step < STEPS; step++) {
      const doc = prng.below(2) === 0 ? ours : theirs;
      for (let count = prng.below(3); count >= 0; count--) edit(doc, prng);
      doc.commit();
      if (prng.below(3) === 0) {
        ours.import(theirs.export({ mode: 'update', from: ours.oplogVersion() }));
        theirs.import(ours.export({ mode: 'update', from: theirs.oplogVersion() }));
      }
      const scopes: Scope[] = [
        { kind: 'all' },
        { kind: 'group', group: pick(prng, GROUPS) },
        { kind: 'pipelines', pipelines: [pick(prng, IDS), pick(prng, KEYS), 'nobody'] },
        { kind: 'selection', groups: [pick(prng, GROUPS)], pipelines: [pick(prng, IDS)] },
      ];
      for (const scope of scopes)
        expect([seed, step, scope, [...selectScope(ours, scope)]]).toEqual([
          seed,
          step,
          scope,
          slowScope(ours, scope),
        ]);
      const { pipelines } = readConfig(ours);
      expect(pipelines.map(({ key }) => readPipeline(ours, key))).toEqual(pipelines);
    }
  }
});

test('[AP1] a document that shows a version of before is asked as it is then', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a' }, 'K1');
  doc.commit();
  const before = doc.frontiers();
  const A: Scope = { kind: 'pipelines', pipelines: ['a'] };
  renamePipeline(doc, 'K1', 'b');
  doc.commit();
  expect([...selectScope(doc, A)]).toEqual([]);
  doc.checkout(before);
  expect([...selectScope(doc, A)]).toEqual(['K1']);
  doc.checkoutToLatest();
  expect([...selectScope(doc, A)]).toEqual([]);
});
