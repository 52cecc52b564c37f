import { expect, test } from 'bun:test';
import { LoroDoc } from 'loro-crdt';
import {
  commitEdit,
  createPipeline,
  deletePipeline,
  deleteVariable,
  moveToGroup,
  renamePipeline,
  setColumn,
  setDestination,
  setEnabled,
  setPlacement,
  setSchedule,
  setSource,
  setTag,
  setText,
  setVariable,
} from './edit.ts';
import { addTransform, moveTransform, removeTransform, setTransform } from './edit-transforms.ts';
import { readPipeline, readVariables } from './read.ts';
import { transformsOf } from './schema.ts';

const STEP = { kind: 'filter' as const, body: 'a > 1', inputs: ['a'] };

function startWith(id: string): { doc: LoroDoc; key: string } {
  const doc = new LoroDoc();
  return { doc, key: commitEdit(doc, 'test', () => createPipeline(doc, { id })) };
}
function fork(doc: LoroDoc): LoroDoc {
  return LoroDoc.fromSnapshot(doc.export({ mode: 'snapshot' }));
}
function merge(a: LoroDoc, b: LoroDoc): void {
  a.import(b.export({ mode: 'update' }));
  b.import(a.export({ mode: 'update' }));
}
function transformKeys(doc: LoroDoc, key: string): string[] {
  const transforms = readPipeline(doc, key)?.transforms;
  return Array.isArray(transforms) ? transforms.map((transform) => String(transform.key)) : [];
}

test('[SY1] every field of a pipeline can be edited', () => {
  const { doc, key } = startWith('a');
  setSource(doc, key, { kind: 'csv-file', ref: 'a.csv' });
  setDestination(doc, key, { table: 't', partition_by: 'day' });
  setSchedule(doc, key, { kind: 'cron', expr: '0 6 * * *', timezone: 'Europe/Berlin' });
  setSchedule(doc, key, { kind: 'every', expr: '15m' });
  setPlacement(doc, key, { kind: 'node', target: 'mbp' });
  setEnabled(doc, key, false);
  setText(doc, key, 'name', 'A');
  setText(doc, key, 'description', 'long');
  setTag(doc, key, 'x', true);
  setTag(doc, key, 'y', true);
  setTag(doc, key, 'x', false);
  setColumn(doc, key, 'day', { type: 'date' });
  setColumn(doc, key, 'gone', { type: 'date', nullable: true });
  setColumn(doc, key, 'gone');
  moveToGroup(doc, key, 'g/h');
  renamePipeline(doc, key, 'b');
  expect(readPipeline(doc, key)).toEqual({
    key,
    id: 'b',
    name: 'A',
    description: 'long',
    tags: ['y'],
    group: 'g/h',
    enabled: false,
    source: { kind: 'csv-file', ref: 'a.csv' },
    destination: { table: 't', partition_by: 'day' },
    schedule: { kind: 'every', expr: '15m' },
    placement: { kind: 'node', target: 'mbp' },
    transforms: [],
    schema: { day: { type: 'date' } },
  });
});

test('[SY1] an edit of something that is gone answers false and writes nothing', () => {
  const { doc, key } = startWith('a');
  expect(deletePipeline(doc, key)).toBe(true);
  doc.commit();
  const before = doc.opCount();
  expect(deletePipeline(doc, key)).toBe(false);
  expect(setEnabled(doc, key, true)).toBe(false);
  expect(setText(doc, key, 'name', 'x')).toBe(false);
  expect(moveToGroup(doc, key, 'new')).toBe(false);
  expect(addTransform(doc, key, STEP)).toBeUndefined();
  expect(removeTransform(doc, key, 'T')).toBe(false);
  expect(deleteVariable(doc, 'V')).toBe(false);
  expect(doc.opCount()).toBe(before);
});

test('[SY1] an edit that changes nothing writes nothing', () => {
  const { doc, key } = startWith('a');
  setSchedule(doc, key, { kind: 'every', expr: '15m' });
  moveToGroup(doc, key, 'g');
  doc.commit();
  const before = doc.opCount();
  setSchedule(doc, key, { kind: 'every', expr: '15m' });
  setEnabled(doc, key, true);
  setText(doc, key, 'name', 'a');
  moveToGroup(doc, key, 'g');
  setTag(doc, key, 'none', false);
  doc.commit();
  expect(doc.opCount()).toBe(before);
});

test('[SY3] two people edit different fields, and the same text, of one pipeline: both stay', () => {
  const { doc: alice, key } = startWith('a');
  setText(alice, key, 'description', 'the orders');
  alice.commit();
  const bob = fork(alice);
  setSchedule(alice, key, { kind: 'every', expr: '1h' });
  setText(alice, key, 'description', 'all the orders');
  setEnabled(bob, key, false);
  setText(bob, key, 'description', 'the orders of today');
  merge(alice, bob);
  expect(readPipeline(alice, key)).toEqual(readPipeline(bob, key));
  expect(readPipeline(alice, key)).toMatchObject({
    schedule: { kind: 'every', expr: '1h' },
    enabled: false,
    description: 'all the orders of today',
  });
});

test('[SY3] two people who create a pipeline of the same id keep both', () => {
  const alice = new LoroDoc();
  const bob = new LoroDoc();
  createPipeline(alice, { id: 'a', description: 'hers' });
  createPipeline(bob, { id: 'a', description: 'his' });
  merge(alice, bob);
  expect(alice.toJSON().pipelines).toEqual(bob.toJSON().pipelines);
  expect(Object.keys(alice.toJSON().pipelines)).toHaveLength(2);
});

test('[SY3] transforms are added, edited, moved and removed; a removal wins over a move', () => {
  const { doc: alice, key } = startWith('a');
  for (const name of ['T1', 'T2', 'T3']) addTransform(alice, key, STEP, undefined, name);
  addTransform(alice, key, STEP, 0, 'T0');
  moveTransform(alice, key, 'T3', 1);
  setTransform(alice, key, 'T1', { body: 'a > 2', kind: 'polars' });
  expect(transformKeys(alice, key)).toEqual(['T0', 'T3', 'T1', 'T2']);
  alice.commit();
  const bob = fork(alice);
  removeTransform(alice, key, 'T3');
  moveTransform(bob, key, 'T3', 3);
  setTransform(bob, key, 'T3', { body: 'lost' });
  addTransform(bob, key, STEP, 0, 'T9');
  merge(alice, bob);
  expect(transformKeys(alice, key)).toEqual(['T9', 'T0', 'T1', 'T2']);
  expect(transformKeys(bob, key)).toEqual(transformKeys(alice, key));
  // Dead entries of the list do not count for where something is moved to.
  moveTransform(alice, key, 'T9', 3);
  expect(transformKeys(alice, key)).toEqual(['T0', 'T1', 'T2', 'T9']);
});

test('[SY1] deleting a pipeline takes its transforms along', () => {
  const { doc, key } = startWith('a');
  addTransform(doc, key, STEP, undefined, 'T1');
  deletePipeline(doc, key);
  expect(transformsOf(doc).keys()).toEqual([]);
});

test('[SY1] a variable keeps its comment when only its value is set', () => {
  const doc = new LoroDoc();
  const key = setVariable(doc, { name: 'V', value: '1', comment: 'why' });
  setVariable(doc, { name: 'W', value: '2' }, key);
  expect(readVariables(doc)).toEqual([{ key, name: 'W', value: '2', comment: 'why' }]);
  expect(deleteVariable(doc, key)).toBe(true);
  expect(readVariables(doc)).toEqual([]);
});
