import { expect, test } from 'bun:test';
import type { PendingChange } from '@hakiri/contracts/pending';
import { changeRows, nextEntry, rowKey } from './change-rows.ts';

const changed = (key: string, ...paths: string[]): PendingChange => ({
  kind: 'changed',
  key,
  id: key,
  cosmetic: false,
  fields: paths.map((path) => ({ path })),
});
const added = (key: string): PendingChange => ({ kind: 'added', key, id: key, cosmetic: false });
const pending = {
  pipelines: [changed('A', '/id', '/name'), added('B')],
  variables: [changed('V', '/value')],
};

test('[PG3.1] a few changes are shown with their fields, and can be closed', () => {
  expect(changeRows(pending, new Set()).map(rowKey)).toEqual(['A', 'A/id', 'A/name', 'B', 'V', 'V/value']);
  expect(changeRows(pending, new Set(['A'])).map(rowKey)).toEqual(['A', 'B', 'V', 'V/value']);
});

test('[PG3.1] many changes are a list of names, and can be opened', () => {
  const many = { pipelines: Array.from({ length: 41 }, (_, at) => changed(`P${at}`, '/id')), variables: [] };
  expect(changeRows(many, new Set())).toHaveLength(41);
  expect(changeRows(many, new Set(['P3']))).toHaveLength(42);
});

test('[PG3.6] the keys go from change to change, over their fields, and stay at the ends', () => {
  const rows = changeRows(pending, new Set());
  expect(nextEntry(rows, undefined, 1)).toBe(0);
  expect(nextEntry(rows, 0, 1)).toBe(3);
  expect(nextEntry(rows, 3, 1)).toBe(4);
  expect(nextEntry(rows, 4, 1)).toBe(4);
  expect(nextEntry(rows, 4, -1)).toBe(3);
  expect(nextEntry(rows, 0, -1)).toBe(0);
  expect(nextEntry([], undefined, 1)).toBeUndefined();
});
