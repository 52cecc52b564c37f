// What a person is told who comes back: each case is a history, and what of it is theirs, others', and both.
import { expect, test } from 'bun:test';
import type { HistoryEntry } from '@hakiri/contracts/notice';
import { summarize } from './summary.ts';

type Change = HistoryEntry['changes'][number];
const entry = (user: string, ...changes: Change[]): HistoryEntry => ({
  at: '2026-01-01T00:00:00Z',
  user,
  peer: '1',
  from: 0,
  to: 1,
  changes,
});
const field = (key: string, ...fields: string[]): Change => ({ root: 'pipelines', key, fields });

test('[PG7.3] who comes back is told what of theirs met what of others, by pipeline and by field', () => {
  const summary = summarize(
    [
      entry('me', field('a', 'name'), field('b', 'schedule.expr', 'name')),
      entry('bob', field('b', 'schedule.expr')),
      entry('eve', field('b', 'tags.x'), field('c', 'name')),
    ],
    'me',
  );
  expect(summary).toEqual({
    mine: ['a', 'b'],
    others: ['b', 'c'],
    met: [{ pipeline: 'b', fields: ['schedule.expr'], users: ['bob', 'eve'] }],
  });
});

test('[PG7.3] a transform counts for its pipeline, and two transforms of one do not meet in a field', () => {
  const body = (key: string): Change => ({ root: 'transforms', key, pipeline: 'a', fields: ['body'] });
  expect(summarize([entry('me', body('t1')), entry('bob', body('t2'))], 'me').met).toEqual([
    { pipeline: 'a', fields: [], users: ['bob'] },
  ]);
  expect(summarize([entry('me', body('t1')), entry('bob', body('t1'))], 'me').met).toEqual([
    { pipeline: 'a', fields: ['transforms.t1.body'], users: ['bob'] },
  ]);
});
