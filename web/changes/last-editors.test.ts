import { expect, test } from 'bun:test';
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { lastEditors } from './last-editors.ts';

const entry = (user: string, changes: HistoryEntry['changes']): HistoryEntry => ({
  at: `2026-01-01T00:00:00Z ${user}`,
  user,
  peer: '1',
  from: 0,
  to: 1,
  changes,
});
const pipelines = (key: string, fields: string[]) => ({ root: 'pipelines', key, fields });

const editors = lastEditors([
  entry('ada', [pipelines('P', ['schedule.expr']), pipelines('Q', [''])]),
  entry('bob', [pipelines('P', ['schedule.expr', 'name'])]),
  entry('cyd', [{ root: 'transforms', key: 'T', pipeline: 'P', fields: ['body'] }]),
  entry('dan', [{ root: 'variables', key: 'V', fields: ['value'] }]),
]);

for (const [key, path, user] of [
  ['P', '/schedule/expr', 'ada'],
  ['P', '/schedule', 'ada'],
  ['P', '/name', 'bob'],
  ['P', '/transforms/T/body', 'cyd'],
  ['V', '/value', 'dan'],
  ['P', '/schedule/timezone', 'ada'],
  ['P', '/destination/table', undefined],
  ['Q', '/name', undefined],
] as const)
  test(`[PG3.3] ${path} of ${key} was changed last by ${user ?? 'nobody that is known'}`, () =>
    expect(editors.ofField(key, path)?.user).toBe(user));

test('[PG3.3] a pipeline was changed last by whoever touched anything in it', () => {
  expect(editors.of('P')?.user).toBe('ada');
  expect(editors.of('Q')?.user).toBe('ada');
  expect(editors.of('X')).toBeUndefined();
});
