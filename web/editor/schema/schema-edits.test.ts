import { expect, test } from 'bun:test';
import { createPipeline, setColumn } from '@hakiri/config-doc/edit';
import { readPipeline } from '@hakiri/config-doc/read';
import { LoroDoc } from 'loro-crdt';
import { putColumnBack, removeColumn, renameColumn, writeColumn, writePasted } from './schema-edits.ts';

function withColumns() {
  const doc = new LoroDoc();
  const destination = { table: 'orders', partition_by: 'day' };
  const key = createPipeline(doc, { id: 'orders', destination });
  setColumn(doc, key, 'day', { type: 'date' });
  setColumn(doc, key, 'paid', { type: 'timestamp', nullable: true });
  return { doc, key, schema: () => readPipeline(doc, key)?.schema };
}

test('[PG1.44] a part of a column is written beside the rest of it, and what it is by itself is left out', () => {
  const { doc, key, schema } = withColumns();
  writeColumn(doc, key, 'paid', { type: 'date' });
  expect(schema()).toMatchObject({ paid: { type: 'date', nullable: true } });
  writeColumn(doc, key, 'paid', { nullable: false });
  writeColumn(doc, key, 'new', {});
  expect(schema()).toEqual({ day: { type: 'date' }, paid: { type: 'date' }, new: { type: '' } });
  expect(writeColumn(doc, 'gone', 'paid', {})).toBe(false);
});

test('[PG1.44] a renamed column keeps what it is, the partition follows it, and a name that is taken is not', () => {
  const { doc, key, schema } = withColumns();
  expect(renameColumn(doc, key, 'day', 'date')).toBe(true);
  expect(schema()).toEqual({ date: { type: 'date' }, paid: { type: 'timestamp', nullable: true } });
  expect(readPipeline(doc, key)?.destination).toMatchObject({ partition_by: 'date' });
  expect(renameColumn(doc, key, 'date', 'paid')).toBe(false);
  expect(renameColumn(doc, key, 'gone', 'other')).toBe(false);
});

test('[PG1.44] what was removed comes back, unless there is another of that name by then', () => {
  const { doc, key, schema } = withColumns();
  removeColumn(doc, key, 'day');
  putColumnBack(doc, key, 'day', { type: 'date' });
  putColumnBack(doc, key, 'paid', { type: 'other' });
  expect(schema()).toEqual({ day: { type: 'date' }, paid: { type: 'timestamp', nullable: true } });
});

test('[PG1.45] pasted columns are added, and change those that are there', () => {
  const { doc, key, schema } = withColumns();
  expect(
    writePasted(doc, key, [
      { name: 'day', type: 'utf8' },
      { name: 'n', type: 'int64' },
    ]),
  ).toEqual({
    added: 1,
    changed: 1,
  });
  expect(schema()).toMatchObject({ day: { type: 'utf8' }, n: { type: 'int64' } });
});
