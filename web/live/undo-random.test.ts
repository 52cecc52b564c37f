// Random edits of two people's transforms, of whom one takes back and does again: what the other has done since is never lost.
import { expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { commitEdit, createPipeline, deletePipeline, setEnabled, setText } from '@hakiri/config-doc/edit';
import {
  addTransform,
  moveTransform,
  removeTransform,
  setTransform,
} from '@hakiri/config-doc/edit-transforms';
import { readPipelines, transformKeys } from '@hakiri/config-doc/read';
import { entitiesOf, entityOf, pipelinesOf, transformsOf } from '@hakiri/config-doc/schema';
import { LoroDoc, LoroText } from 'loro-crdt';
import { watchUndo } from './undo.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 60);
const FIRST_SEED = Number(process.env.SEED ?? 1);
const EDITS = 40;
const PIPELINES = ['P', 'Q'];
const STEP = { kind: 'filter' as const, body: '', inputs: [] };

/** One letter each, so that none is split. */
const letter = (number: number): string => String.fromCharCode(0x4e00 + number);
const shown = (doc: LoroDoc) => readPipelines(doc, PIPELINES);
const bodyOf = (doc: LoroDoc, key: string): LoroText | undefined => {
  const body = entityOf(transformsOf(doc), key)?.get('body');
  return body instanceof LoroText ? body : undefined;
};
const listed = (doc: LoroDoc): string[] => PIPELINES.flatMap((pipeline) => transformKeys(doc, pipeline));
/** One that is moved by the other while it is deleted and brought back is there twice: readers take the first. */
const repeated = (doc: LoroDoc): string[] => listed(doc).filter((key, at, keys) => keys.indexOf(key) < at);
const unlisted = (doc: LoroDoc): string[] => {
  const keys = new Set(listed(doc));
  return entitiesOf(transformsOf(doc)).flatMap(([key]) => (keys.has(key) ? [] : [key]));
};

/** What was done: to which transform, its letter, and whether that says where it stands. */
type Work = { key: string; letter?: string; isNew?: boolean; isPlace?: boolean };

function edit(doc: LoroDoc, random: Prng, number: number): Work | undefined {
  const pipeline = random.pick(PIPELINES);
  const keys = transformKeys(doc, pipeline).filter((each) => bodyOf(doc, each) !== undefined);
  const choice = random.below(10);
  if (entityOf(pipelinesOf(doc), pipeline) === undefined) return undefined;
  if (choice < 2 || keys.length === 0) {
    const key = addTransform(doc, pipeline, STEP, random.below(keys.length + 1), `T${number}`);
    return key === undefined ? undefined : { key, isNew: true, isPlace: true };
  }
  const key = random.pick(keys);
  if (choice < 5) {
    const before = listed(doc).join();
    moveTransform(doc, pipeline, key, random.below(keys.length));
    return before === listed(doc).join() ? undefined : { key, isPlace: true };
  }
  if (choice < 8) {
    const body = bodyOf(doc, key);
    body?.insert(random.below(body.length + 1), letter(number));
    return { key, letter: letter(number) };
  }
  if (choice === 8) removeTransform(doc, pipeline, key);
  else setText(doc, pipeline, 'name', `name ${number}`);
  return undefined;
}

function editOfAlice(doc: LoroDoc, random: Prng, number: number): void {
  const choice = random.below(12);
  const pipeline = random.pick(PIPELINES);
  const isThere = entityOf(pipelinesOf(doc), pipeline) !== undefined;
  const [key] = transformKeys(doc, pipeline);
  if (choice === 0 && isThere) deletePipeline(doc, pipeline);
  else if (!isThere)
    createPipeline(
      doc,
      { id: pipeline, transforms: ['a', 'b'].map((at) => ({ ...STEP, key: `N${number}${at}` })) },
      pipeline,
    );
  else if (choice === 1) setEnabled(doc, pipeline, random.next() < 0.5);
  else if (choice === 2 && key)
    setTransform(doc, pipeline, key, { body: letter(number), inputs: [`i${number}`] });
  else {
    edit(doc, random, number);
    // Sometimes two at once.
    if (choice === 3) edit(doc, random, number + 1_000);
  }
}

async function history(seed: number): Promise<void> {
  const random = createPrng(seed);
  const [alice, bob] = [new LoroDoc(), new LoroDoc()];
  alice.setPeerId('1');
  bob.setPeerId('2');
  for (const key of PIPELINES)
    createPipeline(
      alice,
      { id: key, transforms: ['0', '1', '2'].map((at) => ({ ...STEP, key: key + at })) },
      key,
    );
  alice.commit();
  bob.import(alice.export({ mode: 'update' }));
  let atMs = 0;
  const undo = watchUndo(alice, () => atMs);
  /** How often others’ edits arrived, and what of theirs came when. */
  let arrivals = 0;
  let onTheWay: Work[] = [];
  const work: (Work & { arrived: number })[] = [];
  const steps: Record<'undo' | 'redo', { arrivals: number; before: unknown }[]> = { undo: [], redo: [] };
  const meet = async (): Promise<void> => {
    bob.import(alice.export({ mode: 'update', from: bob.version() }));
    const before = alice.version();
    alice.import(bob.export({ mode: 'update', from: before }));
    if (alice.version().compare(before) !== 0) arrivals += 1;
    work.push(...onTheWay.map((each) => ({ ...each, arrived: arrivals })));
    onTheWay = [];
    await Promise.resolve();
  };
  const take = async (what: 'undo' | 'redo'): Promise<void> => {
    const step = steps[what].pop();
    const before = shown(alice);
    const [orphans, repeats] = [unlisted(alice), repeated(alice)];
    const frontiers = JSON.stringify(alice.frontiers());
    expect(undo[what]().kind).toBe(step ? 'done' : 'nothing');
    await Promise.resolve();
    if (!step) return;
    if (JSON.stringify(alice.frontiers()) !== frontiers)
      steps[what === 'undo' ? 'redo' : 'undo'].push({ arrivals, before });
    const after = shown(alice);
    const newer = work.filter(({ arrived }) => arrived > step.arrivals);
    for (const { key, letter: typed = '' } of newer) {
      const place = before.find(({ transforms }) => stepsOf(transforms).some((each) => each.key === key));
      const old = stepsOf(place?.transforms).find((each) => each.key === key);
      if (!place || !old?.body.includes(typed)) continue;
      const now = after.find((each) => each.key === place.key);
      expect(stepsOf(now?.transforms).find((each) => each.key === key)?.body).toContain(typed);
    }
    const placed = new Set(newer.flatMap(({ key, isPlace }) => (isPlace ? [key] : [])));
    const orderOf = (drafts: typeof before): string =>
      drafts
        .flatMap(({ transforms }) => stepsOf(transforms).map(({ key }) => key))
        .filter((key) => placed.has(key))
        .join();
    expect(orderOf(after)).toBe(orderOf(before));
    expect(repeated(alice).filter((key) => !repeats.includes(key))).toEqual([]);
    expect(unlisted(alice).filter((key) => !orphans.includes(key))).toEqual([]);
    if (step.arrivals === arrivals) expect<unknown>(after).toEqual(step.before);
  };
  for (let number = 0; number < EDITS; number += 1) {
    const choice = random.next();
    if (choice < 0.3) {
      atMs += 10_000;
      const before = shown(alice);
      const frontiers = JSON.stringify(alice.frontiers());
      commitEdit(alice, 'page', () => editOfAlice(alice, random, number));
      await Promise.resolve();
      if (JSON.stringify(alice.frontiers()) === frontiers) continue;
      steps.undo.push({ arrivals, before });
      steps.redo = [];
    } else if (choice < 0.6) {
      const isInStep = random.next() < 0.7;
      if (isInStep) await meet();
      const done = commitEdit(bob, 'page', () => edit(bob, random, 2_000 + number));
      // Of two moves at once only one stands, and none in what was deleted meanwhile.
      const isWork = done && (isInStep || done.isNew || done.letter !== undefined);
      if (isWork) onTheWay.push({ ...done, isPlace: isInStep && done.isPlace === true });
      if (isInStep) await meet();
    } else await take(random.next() < 0.65 ? 'undo' : 'redo');
  }
  await meet();
  await meet();
  const third = new LoroDoc();
  third.import(bob.export({ mode: 'update' }));
  const all = (doc: LoroDoc) => [doc.getMap('pipelines').toJSON(), doc.getMap('transforms').toJSON()];
  for (const doc of [bob, third]) expect(all(doc)).toEqual(all(alice));
  undo.close();
}

function stepsOf(transforms: unknown): { key: string; body: string }[] {
  return Array.isArray(transforms) ? transforms : [];
}

test('[PG2.4] over random edits of two, what the other did since is never lost by taking back', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1)
    await history(seed).catch((error) => {
      throw new Error(`SEED=${seed} HISTORIES=1: ${error}`, { cause: error });
    });
}, 60_000);
