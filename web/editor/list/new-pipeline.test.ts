// A new pipeline is valid as soon as it is made.
import { expect, test } from 'bun:test';
import { createPipeline } from '@hakiri/config-doc/edit';
import { readConfig } from '@hakiri/config-doc/read';
import { initDocument } from '@hakiri/config-doc/schema';
import { validateConfig } from '@hakiri/manifest/validate';
import { LoroDoc } from 'loro-crdt';
import { NO_ANSWERS, pipelineOf, wrongIn } from './new-pipeline.ts';

const good = { id: 'orders-daily', kind: 'csv-file', ref: 'orders.csv', table: 'shop.orders', group: 'shop' };
const free = (): boolean => false;

test('[PG1.27] what is missing or wrong is said, field by field', () => {
  expect(Object.keys(wrongIn(NO_ANSWERS, free))).toEqual(['id', 'ref', 'table']);
  expect(Object.keys(wrongIn({ ...good, id: 'Orders!' }, free))).toEqual(['id']);
  expect(Object.keys(wrongIn({ ...good, table: '1 table', kind: ' ' }, free))).toEqual(['kind', 'table']);
  expect(wrongIn(good, (id) => id === 'orders-daily').id).toContain('orders-daily');
  expect(wrongIn({ ...good, id: ' orders-daily ' }, free)).toEqual({});
});

test('[PG1.27] what was answered well makes a pipeline without an issue, switched off', () => {
  const doc = new LoroDoc();
  initDocument(doc);
  createPipeline(doc, pipelineOf(good));
  doc.commit();
  const config = readConfig(doc);
  expect(validateConfig(config).issues).toEqual([]);
  expect(config.pipelines[0]).toMatchObject({ id: 'orders-daily', enabled: false, group: 'shop' });
});
