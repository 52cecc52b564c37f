import { expect, test } from 'bun:test';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { anyDraft, anyPipeline, anyVariable } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { LoroDoc, LoroMap } from 'loro-crdt';
import { checkEdit } from './check-edit.ts';
import { createPipeline, setText } from './edit.ts';
import { setTransform } from './edit-transforms.ts';
import { renameGroup } from './groups.ts';
import { readConfig, readPipeline, readVariables } from './read.ts';
import { applyEdit } from './reconcile.ts';
import { childList, entityOf, pipelinesOf } from './schema.ts';
import { versionOf } from './version.ts';

const NOTHING = { put: [], putVariables: [], delete: [], deleteVariables: [] };
const KEY = '01J00000000000000000000000';
const other = (last: string) => `${KEY.slice(0, 25)}${last}`;

function put(doc: LoroDoc, ...drafts: PipelineDraft[]): number {
  const changed = applyEdit(doc, { ...NOTHING, put: drafts });
  doc.commit();
  return changed;
}
function stored(doc: LoroDoc, key: string): PipelineDraft {
  const draft = readPipeline(doc, key);
  if (draft === undefined) throw new Error(`${key} is not there`);
  return draft;
}
/** A draft as the document gives it back: tags in order, JSON alone. */
function expected(draft: PipelineDraft): unknown {
  const tags = Array.isArray(draft.tags) ? draft.tags.map(String).sort() : draft.tags;
  return JSON.parse(JSON.stringify({ ...draft, tags }), (_, value) =>
    typeof value === 'string' ? value.toWellFormed() : value === 0 ? 0 : value,
  );
}

test('[AP9] any pipeline becomes any other, reads back as it, and repeating it changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyPipeline, { minLength: 1, maxLength: 4 }), (states) => {
      const doc = new LoroDoc();
      for (const state of states) {
        // Transforms of equal names keep or change their place and their body.
        const transforms = state.transforms.map((transform, index) => ({ ...transform, key: `T${index}` }));
        const draft = { ...state, key: KEY, transforms: state.enabled ? transforms : transforms.reverse() };
        put(doc, draft);
        expect(stored(doc, KEY)).toEqual(expected(draft) as PipelineDraft);
        const count = doc.opCount();
        expect(put(doc, draft)).toBe(0);
        expect(doc.opCount()).toBe(count);
      }
    }),
    { numRuns: 150 },
  );
});

test('[AP2] drafts of any JSON are written without an exception, and repeating them changes nothing', () => {
  fc.assert(
    fc.property(anyDraft, anyDraft, (a, b) => {
      const doc = new LoroDoc();
      for (const draft of [a, b]) {
        put(doc, { ...draft, key: KEY });
        expect(put(doc, { ...draft, key: KEY })).toBe(0);
      }
    }),
    { numRuns: 200 },
  );
});

test('[AP9] what the document says is what it takes to write it again: nothing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyPipeline, { selector: ({ key }) => key, maxLength: 4 }),
      fc.uniqueArray(anyVariable, { selector: ({ key }) => key, maxLength: 3 }),
      (pipelines, variables) => {
        const doc = new LoroDoc();
        const edit = { ...NOTHING, put: pipelines, putVariables: variables };
        expect(applyEdit(doc, edit)).toBe(pipelines.length + variables.length);
        const { pipelines: again, variables: variablesAgain } = readConfig(doc);
        expect(applyEdit(doc, { ...NOTHING, put: again, putVariables: variablesAgain })).toBe(0);
        const gone = {
          delete: again.map(({ key }) => key),
          deleteVariables: variablesAgain.map(({ key }) => key),
        };
        expect(applyEdit(doc, { ...NOTHING, ...gone })).toBe(pipelines.length + variables.length);
        expect(applyEdit(doc, { ...NOTHING, ...gone })).toBe(0);
        expect(readConfig(doc)).toEqual({ pipelines: [], variables: [] });
      },
    ),
    { numRuns: 100 },
  );
});

test('[AP9] it writes only the difference: what others edit meanwhile stays', () => {
  const alice = new LoroDoc();
  const transforms = ['T1', 'T2', 'T3'].map((key) => ({
    key,
    kind: 'filter' as const,
    body: 'amount > 10',
    inputs: [],
  }));
  createPipeline(alice, { id: 'a', description: 'the orders', transforms }, KEY);
  alice.commit();
  const bob = LoroDoc.fromSnapshot(alice.export({ mode: 'snapshot' }));
  const [first, second, third] = transforms;
  put(alice, {
    ...stored(alice, KEY),
    schedule: { kind: 'every', expr: '1h' },
    description: 'all the orders',
    transforms: [third, first, second],
  });
  setText(bob, KEY, 'description', 'the orders of today');
  setTransform(bob, KEY, 'T3', { body: 'amount > 10 and paid' });
  bob.commit();
  alice.import(bob.export({ mode: 'update' }));
  const merged = stored(alice, KEY);
  expect(merged.description).toBe('all the orders of today');
  expect(merged.transforms).toMatchObject([
    { key: 'T3', body: 'amount > 10 and paid' },
    { key: 'T1' },
    { key: 'T2' },
  ]);
});

test('[AP9] a transform that is another pipeline’s is not taken from it', () => {
  const doc = new LoroDoc();
  const transforms = [{ key: 'T1', kind: 'filter' as const, body: 'x', inputs: [] }];
  createPipeline(doc, { id: 'a', transforms }, KEY);
  put(doc, { ...stored(doc, KEY), key: other('1'), id: 'b' });
  expect(stored(doc, other('1')).transforms).toEqual([]);
  expect(stored(doc, KEY).transforms).toEqual(transforms);
});

test('[SY11] what a client broke is mended by writing it', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a' }, KEY);
  const whole = stored(doc, KEY);
  const entity = entityOf(pipelinesOf(doc), KEY);
  entity?.set('source', 'text');
  entity?.set('name', 7);
  entity?.setContainer('tags', new LoroMap()).set('x', 'not true');
  if (entity) childList(entity, 'transforms').push('gone');
  expect(put(doc, whole)).toBe(1);
  expect(stored(doc, KEY)).toEqual(whole);
  pipelinesOf(doc).set(KEY, 'not a map');
  expect(put(doc, whole)).toBe(1);
  expect(stored(doc, KEY)).toEqual(whole);
});

test('[AP13] a key that is put and deleted at once is put', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a' }, KEY);
  const draft = stored(doc, KEY);
  expect(applyEdit(doc, { ...NOTHING, put: [draft], delete: [KEY] })).toBe(0);
  expect(stored(doc, KEY)).toEqual(draft);
});

test('[SY11] an edit through the API has keys, the right types, and bounds', () => {
  const doc = new LoroDoc();
  createPipeline(doc, { id: 'a' }, KEY);
  const draft = stored(doc, KEY);
  const transform = { key: other('T'), kind: 'filter', body: 'x', inputs: [] };
  const codeOf = (fields: object) => checkEdit({ ...NOTHING, put: [{ ...draft, ...fields }] })?.code;
  expect(codeOf({})).toBeUndefined();
  expect(codeOf({ id: 'Anything people type', schedule: { expr: 7 }, enabled: 'x' })).toBeUndefined();
  expect(codeOf({ transforms: [transform] })).toBeUndefined();
  expect(codeOf({ key: 'a' })).toBe('edit.key');
  expect(codeOf({ name: 7 })).toBe('edit.type');
  expect(codeOf({ source: 'x' })).toBe('edit.type');
  expect(codeOf({ tags: [1] })).toBe('edit.type');
  expect(codeOf({ transforms: [{ ...transform, key: '' }] })).toBe('edit.key');
  expect(codeOf({ transforms: [transform, transform] })).toBe('edit.key_repeated');
  expect(codeOf({ transforms: Array(501).fill(transform) })).toBe('edit.too_many');
  expect(codeOf({ description: 'x'.repeat(70_000) })).toBe('edit.too_large');
  expect(codeOf({ schema: { x: 'x'.repeat(300_000) } })).toBe('edit.too_large');
  expect(checkEdit({ ...NOTHING, delete: Array(10_001).fill(KEY) })?.code).toBe('edit.too_many');
  const variable = { key: KEY, name: 'V', value: 7, comment: '' };
  expect(checkEdit({ ...NOTHING, putVariables: [variable] })?.code).toBe('edit.type');
});

test('[SY14.5] a delete of what is unchanged since a version leaves what was touched', () => {
  const doc = new LoroDoc();
  const keys = ['1', '2', '3', '4'].map((last) =>
    createPipeline(doc, { id: `p-${last}`, group: 'g' }, other(last)),
  );
  const [first = '', second = '', third = '', fourth = ''] = keys;
  doc.commit();
  const since = versionOf(doc);
  const unchanged = (pipelines: string[], version = since): number => {
    const changed = applyEdit(doc, { ...NOTHING, deleteUnchanged: { since: version, pipelines } });
    doc.commit();
    return changed;
  };
  setText(doc, first, 'description', 'meanwhile');
  doc.commit();
  expect(unchanged([first, second])).toBe(1);
  expect(unchanged([second])).toBe(0);
  const ahead = new LoroDoc();
  createPipeline(ahead, { id: 'x' });
  ahead.commit();
  expect(unchanged([third], versionOf(ahead))).toBe(0);
  expect(unchanged([third], 'nonsense')).toBe(0);
  const [group] = doc.getTree('groups').roots();
  if (group === undefined) throw new Error('there is a group');
  renameGroup(doc, group.id, 'renamed');
  doc.commit();
  expect(unchanged([third])).toBe(0);
  expect(unchanged([third, fourth], versionOf(doc))).toBe(2);
  expect(readConfig(doc).pipelines.map(({ key }) => key)).toEqual([first]);
});

test('[AP13.17] variables that somebody touched after the version that is named stay as they are', () => {
  const doc = new LoroDoc();
  const variable = (letter: string, value: string) => ({
    key: other(letter),
    name: letter,
    value,
    comment: '',
  });
  applyEdit(doc, { ...NOTHING, putVariables: [variable('A', '1'), variable('B', '1'), variable('C', '1')] });
  const variablesSince = versionOf(doc);
  applyEdit(doc, { ...NOTHING, putVariables: [variable('B', 'theirs'), variable('C', 'theirs')] });
  const edit = {
    ...NOTHING,
    putVariables: [variable('A', '2'), variable('B', '2')],
    deleteVariables: [other('C')],
  };
  expect(applyEdit(doc, { ...edit, variablesSince })).toBe(1);
  expect(readVariables(doc).map(({ value }) => value)).toEqual(['2', 'theirs', 'theirs']);
  expect(applyEdit(doc, { ...edit, variablesSince: 'never' })).toBe(0);
});

test('[AP13.26] an entry is made only if nobody gave its id since the version that is named', () => {
  const doc = new LoroDoc();
  const made = (last: string, id: string) => ({ ...stored(seed, KEY), key: other(last), id });
  const seed = new LoroDoc();
  createPipeline(seed, { id: 'seed' }, KEY);
  const variable = (last: string, name: string) => ({ key: other(last), name, value: '', comment: '' });
  put(doc, made('1', 'old'), made('2', 'renamed'));
  const createSince = versionOf(doc);
  // Others: one is made, one is renamed, a variable is made.
  put(doc, made('3', 'theirs'), made('2', 'given'));
  applyEdit(doc, { ...NOTHING, putVariables: [variable('4', 'HOST')] });
  doc.commit();
  const mine = {
    ...NOTHING,
    put: [
      made('5', 'theirs'),
      made('6', 'given'),
      made('7', 'renamed'),
      made('8', 'old'),
      made('9', 'twice'),
    ],
    putVariables: [variable('A', 'HOST'), variable('B', 'PORT')],
  };
  // `old` was there at that version: whoever reads it makes another one by intent.
  expect(applyEdit(doc, { ...mine, createSince })).toBe(4);
  expect(readConfig(doc).pipelines.map(({ key }) => key.at(-1))).toEqual(['1', '2', '3', '7', '8', '9']);
  expect(readVariables(doc).map(({ key }) => key.at(-1))).toEqual(['4', 'B']);
  // Repeated it changes nothing, an entry that is there is written in spite of its name, and of a version that nobody knows
  // nothing is made that has a name of now.
  expect(applyEdit(doc, { ...mine, createSince })).toBe(0);
  expect(applyEdit(doc, { ...NOTHING, put: [made('3', 'given')], createSince })).toBe(1);
  expect(applyEdit(doc, { ...NOTHING, put: [made('C', 'old')], createSince: 'never' })).toBe(0);
  expect(applyEdit(doc, { ...NOTHING, put: [made('C', 'new')], createSince: 'never' })).toBe(1);
});
