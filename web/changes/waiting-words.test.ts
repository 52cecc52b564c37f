import { expect, test } from 'bun:test';
import { openTo, scopeWords } from './waiting-words.ts';

const nameOf = (key: string) => (key === 'K1' ? 'orders' : undefined);

test('[PG3.10] what waits says what it takes, by the names people use', () => {
  expect(scopeWords({ kind: 'all' }, nameOf)).toBe('Everything');
  expect(scopeWords({ kind: 'group', group: 'shop' }, nameOf)).toBe('Group shop');
  expect(scopeWords({ kind: 'pipelines', pipelines: ['K1', 'bills'] }, nameOf)).toBe('orders, bills');
  expect(scopeWords({ kind: 'pipelines', pipelines: ['a', 'b', 'c', 'd', 'e'] }, nameOf)).toBe(
    'a, b, c, d and 1 more',
  );
});

test('[PG3.10] nobody is offered to approve their own, and only author and admins to cancel', () => {
  const request = { author: 'ada', state: 'awaiting_approval' } as const;
  const author = { user: 'ada', mayApprove: true, isAdmin: false };
  const other = { user: 'bob', mayApprove: true, isAdmin: false };
  expect(openTo(request, author)).toEqual({ approve: false, reject: false, cancel: true, isOwn: true });
  expect(openTo(request, other)).toEqual({ approve: true, reject: true, cancel: false, isOwn: false });
  expect(openTo(request, { ...other, isAdmin: true }).cancel).toBe(true);
  expect(openTo(request, { ...other, mayApprove: false })).toMatchObject({ approve: false, reject: false });
  expect(openTo({ ...request, state: 'scheduled' }, other)).toMatchObject({ approve: false, reject: false });
  expect(openTo({ ...request, state: 'published' }, author)).toMatchObject({ cancel: false });
});
