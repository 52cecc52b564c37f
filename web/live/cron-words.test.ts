import { expect, test } from 'bun:test';
import { nextTicks } from '@hakiri/manifest/schedule';
import { cronWords } from './cron-words.ts';

test('[PG1.26] a cron with a day of the month and one of the week says "or", as it fires', () => {
  expect(cronWords('2 2 2 2 2')).toContain('on day 2 of the month, or on Tuesday');
  const days = nextTicks(
    { kind: 'cron', expr: '2 2 2 2 2', timezone: 'UTC' },
    Date.parse('2027-01-01T00:00:00Z'),
    3,
  );
  expect(days.map((ms) => new Date(ms).toISOString().slice(0, 10))).toEqual([
    '2027-02-02',
    '2027-02-09',
    '2027-02-16',
  ]);
  expect(cronWords('0 6 1 * 1-5')).toContain('on day 1 of the month, or Monday through Friday');
  for (const expr of ['0 6 * * 1,2', '0 6 2 * *', '0 6 1,2 * *'])
    expect(cronWords(expr)).not.toContain(', or ');
});
