import { expect, test } from 'bun:test';
import type { Notice } from '@hakiri/contracts/notice';
import { noticesOf, tellNotice } from './notice-told.ts';

const side = (user: string, value?: unknown) => ({
  user,
  at: '2026-01-01T00:00:00Z',
  peer: '1',
  counter: 0,
  ...(value === undefined ? {} : { value }),
});
const notice = (fields: Partial<Notice>): Notice => ({
  id: 'n',
  kind: 'same_field',
  at: '2026-01-01T00:00:00Z',
  entity: { root: 'pipelines', key: 'K', name: 'orders' },
  field: 'schedule.expr',
  won: side('u1', '1 1 * * *'),
  lost: side('', '2 2 * * *'),
  ...fields,
});
const nameOf = (user: string): string => (user === 'u1' ? 'Alice' : user);

test('[PG2.3] two values of one field are told with who wrote them and which stands', () => {
  const told = tellNotice(
    notice({ take: { kind: 'set', path: ['pipelines', 'K', 'schedule'], key: 'expr', value: '2 2 * * *' } }),
    nameOf,
  );
  expect(told.title).toBe('orders: Expression was changed twice at once.');
  expect(told.sides.map(({ label, name, value }) => [label, name, value])).toEqual([
    ['Stands', 'Alice', '1 1 * * *'],
    ['Not kept', 'somebody', '2 2 * * *'],
  ]);
  expect(told.take).toBe('Take the other value');
});

test('[PG2.3] a value of another type is shown as JSON, a long one is cut, and a deletion is called so', () => {
  const told = tellNotice(notice({ won: side('u1', { type: 'int64' }), lost: side('u2') }), nameOf);
  expect(told.sides.map(({ value }) => value)).toEqual(['{"type":"int64"}', 'deleted']);
  const long = tellNotice(notice({ won: side('u1', 'x'.repeat(5_000)) }), nameOf);
  expect(long.sides[0]?.value.length).toBeLessThan(400);
  expect(told.take).toBeUndefined();
});

test('[PG2.5] what was discarded with a deletion is told with whose it was, and how to have it back', () => {
  const told = tellNotice(
    notice({
      kind: 'edit_discarded',
      field: 'name',
      fields: ['name', 'destination.table'],
      won: side('u1'),
      lost: side('u2', 'of bob'),
      take: { kind: 'restore', draft: { key: 'K' } },
    }),
    nameOf,
  );
  expect(told.title).toBe('orders was deleted by Alice while it was being edited.');
  expect(told.detail).toBe('Discarded: what u2 wrote into Name, Table.');
  expect(told.take).toBe('Get it back');
  expect(tellNotice(notice({ kind: 'both_deleted' }), nameOf).sides).toEqual([]);
});

test('[PG2.3] of a pipeline are its own conflicts and those of its transforms', () => {
  const own = notice({});
  const transform = notice({ id: 't', entity: { root: 'transforms', key: 'T', pipeline: 'K' } });
  const other = notice({ id: 'o', entity: { root: 'pipelines', key: 'L' } });
  const variable = notice({ id: 'v', entity: { root: 'variables', key: 'K' } });
  expect(noticesOf([own, transform, other, variable], 'K')).toEqual([own, transform]);
});
