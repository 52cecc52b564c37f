// Fields that a change left alone.
import { expect, test } from 'bun:test';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { withUnchangedParts } from './unchanged-parts.ts';

const draft = (more: Partial<PipelineDraft> = {}): PipelineDraft => ({
  key: 'k',
  id: 'orders',
  name: 'Orders',
  description: '',
  tags: { money: true },
  group: '',
  enabled: true,
  source: { kind: 'csv-file', ref: 'rows.csv' },
  destination: { table: 'rows' },
  schedule: { kind: 'every', expr: '15m' },
  placement: { kind: 'auto' },
  transforms: [{ key: 't', kind: 'filter', body: 'x > 1', inputs: ['x'] }],
  schema: { x: { type: 'int64' }, y: { type: 'utf8' } },
  ...more,
});

test('[PG8.3] what a change left alone stays the same object, and what it touched is the new one', () => {
  const before = draft();
  const after = draft({ name: 'Orders of the day', schema: { y: { type: 'utf8' }, x: { type: 'utf8' } } });
  const read = withUnchangedParts(before, after);
  expect(read).toEqual(after);
  expect(read.transforms).toBe(before.transforms);
  expect(read.source).toBe(before.source);
  expect(read.schema).toBe(after.schema);
});

const others: [what: string, more: Partial<PipelineDraft>][] = [
  ['a field is gone', { schedule: { kind: 'every' } }],
  ['a field came', { source: { kind: 'csv-file', ref: 'rows.csv', header: undefined } }],
  ['a list is shorter', { transforms: [] }],
  ['a list is a map', { transforms: { 0: draft().transforms } }],
  ['a value is of another type', { tags: { money: 'true' } }],
  ['it is not there', { destination: undefined }],
];
for (const [what, more] of others)
  test(`[PG8.3] nothing is held on to when ${what}`, () => {
    const after = draft(more);
    const read = withUnchangedParts(draft(), after);
    expect(read).toStrictEqual(after);
  });
