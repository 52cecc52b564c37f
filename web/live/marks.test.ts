// What a list says of each pipeline about going live.
import { expect, test } from 'bun:test';
import { changedMarks, marksOf } from './marks.ts';

const keys = new Map([
  ['orders', 'K1'],
  ['K2', 'K2'],
]);
const keyOf = (name: string): string | undefined => keys.get(name);
const issue = (path: string, severity: 'error' | 'warning' = 'error') => ({
  path,
  code: 'schedule.cron_invalid',
  message: 'Say when.',
  severity,
});

test('[PG1.24] a pipeline is marked when it differs, and by what is wrong with it, named by id or by key', () => {
  const marks = marksOf(
    [{ kind: 'added', key: 'K1', id: 'orders', cosmetic: false }],
    [
      issue('/pipelines/orders/schedule/expr'),
      issue('/pipelines/K2', 'warning'),
      issue('/pipelines/gone/id'),
      issue('/scope'),
    ],
    keyOf,
  );
  expect([...marks]).toEqual([
    ['K1', { change: 'added', errors: 1, warnings: 0 }],
    ['K2', { change: undefined, errors: 0, warnings: 1 }],
  ]);
});

test('[PG1.24] what publishes by itself is no mark', () => {
  const marks = marksOf(
    [{ kind: 'changed', key: 'K1', id: 'orders', fields: [], cosmetic: true }],
    [],
    keyOf,
  );
  expect(marks.size).toBe(0);
});

test('[PG1.24] only rows whose mark is another are told', () => {
  const mark = { change: 'added' as const, errors: 0, warnings: 0 };
  const before = new Map([
    ['same', mark],
    ['gone', mark],
    ['other', mark],
  ]);
  const after = new Map([
    ['same', { ...mark }],
    ['other', { ...mark, errors: 1 }],
    ['new', mark],
  ]);
  expect(changedMarks(before, after).sort()).toEqual(['gone', 'new', 'other']);
});
