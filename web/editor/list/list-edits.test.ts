// Many pipelines at once, and back again, without taking back what others did meanwhile.
import { expect, test } from 'bun:test';
import { createPipeline, moveToGroup, setEnabled, setText } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { initDocument, newKey } from '@hakiri/config-doc/schema';
import { LoroDoc } from 'loro-crdt';
import { deleteAll, enableAll, moveAll } from './list-edits.ts';

function three() {
  const doc = new LoroDoc();
  initDocument(doc);
  const keys = ['a', 'b', 'c'].map((id) =>
    createPipeline(doc, {
      id,
      group: 'shop/daily',
      tags: ['money'],
      transforms: [{ key: newKey(), kind: 'filter', body: 'x > 1', inputs: ['x'] }],
    }),
  );
  doc.commit();
  return { doc, keys, read: (key = '') => readPipeline(doc, key) };
}

test('[PG1.23] switching many off changes those that were on, and the way back those alone', () => {
  const { doc, keys, read } = three();
  const [a, b, c] = keys;
  setEnabled(doc, a ?? '', false);
  const { keys: changed, undo } = enableAll(doc, keys, false);
  expect(changed).toEqual(keys.slice(1));
  // Somebody switches it on again, which is no reason to do so a second time.
  setEnabled(doc, b ?? '', true);
  undo();
  expect([a, b, c].map((key) => read(key)?.enabled)).toEqual([false, true, true]);
});

test('[PG1.23] moving many makes the group, and the way back leaves what somebody moved on', () => {
  const { doc, keys, read } = three();
  const { undo } = moveAll(doc, keys, 'finance');
  expect(keys.map((key) => read(key)?.group)).toEqual(['finance', 'finance', 'finance']);
  moveToGroup(doc, keys[0] ?? '', 'elsewhere');
  undo();
  expect(keys.map((key) => read(key)?.group)).toEqual(['elsewhere', 'shop/daily', 'shop/daily']);
});

test('[PG1.23] what was deleted comes back as it was, under its own key', () => {
  const { doc, keys, read } = three();
  const [key = ''] = keys;
  setText(doc, key, 'description', 'half ty');
  const before = read(key);
  const { undo } = deleteAll(doc, [...keys, 'nobody']);
  expect(keys.map((each) => read(each))).toEqual([undefined, undefined, undefined]);
  undo();
  expect(read(key)).toEqual(before);
  // A second press does nothing.
  undo();
  expect(read(key)).toEqual(before);
});
