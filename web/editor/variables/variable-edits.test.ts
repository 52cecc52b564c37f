import { expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { addTransform } from '@hakiri/config-doc/edit-transforms';
import { readConfig } from '@hakiri/config-doc/read';
import { LoroDoc } from 'loro-crdt';
import {
  createVariable,
  removeVariable,
  renameVariable,
  writeVariable,
  wrongName,
} from './variable-edits.ts';

function bed() {
  const doc = new LoroDoc();
  const key = createVariable(doc, 'BASE', 'https://old', 'where');
  const source = { kind: 'http-json', ref: '${BASE}/a?${BASE_2}', other: '${BASE}' };
  const pipeline = createPipeline(doc, { id: 'orders', source, description: '${BASE}' });
  addTransform(doc, pipeline, { kind: 'filter', body: 'a == ${BASE} or ${BASE}', inputs: [] });
  doc.commit();
  const read = () => readConfig(doc).pipelines[0];
  return { doc, key, pipeline, read };
}

test('[PG1.47] a variable is renamed in all its uses as one commit, and names that only begin alike stay', () => {
  const { doc, key, pipeline, read } = bed();
  let commits = 0;
  doc.subscribe(() => {
    commits += 1;
  });
  expect(renameVariable(doc, key, 'HOST', [pipeline])).toBe(3);
  expect(commits).toBe(1);
  expect(read()?.source).toMatchObject({ ref: '${HOST}/a?${BASE_2}', other: '${HOST}' });
  expect(read()?.transforms).toMatchObject([{ body: 'a == ${HOST} or ${HOST}' }]);
  // Nothing refers to a variable from there.
  expect(read()?.description).toBe('${BASE}');
  expect(readConfig(doc).variables).toMatchObject([{ key, name: 'HOST', value: 'https://old' }]);
  expect(renameVariable(doc, 'gone', 'X', [])).toBeUndefined();
});

test('[PG1.47] a deleted one leaves its value where it was used, when that is wished', () => {
  const { doc, key, pipeline, read } = bed();
  // `shown` is what it was typed over; what came meanwhile stays.
  writeVariable(doc, key, 'value', 'https://old/new');
  writeVariable(doc, key, 'value', 'so https://old', 'https://old');
  expect(readConfig(doc).variables[0]?.value).toBe('so https://old/new');
  writeVariable(doc, key, 'value', 'https://$new$&');
  expect(removeVariable(doc, key, [pipeline])).toBe(3);
  expect(read()?.source).toMatchObject({ ref: 'https://$new$&/a?${BASE_2}' });
  expect(readConfig(doc).variables).toEqual([]);
  expect(writeVariable(doc, key, 'value', 'x')).toBe(false);
});

test('[PG1.47] a name is capital letters, digits and _, and nobody else has it', () => {
  expect(wrongName('HOST_2', new Set())).toBeUndefined();
  expect(wrongName('host', new Set())).toBe('invalid');
  expect(wrongName('HOST', new Set(['HOST']))).toBe('taken');
});
