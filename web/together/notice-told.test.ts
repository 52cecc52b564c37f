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
const namer = {
  nameOf: (user: string): string => (user === 'u1' ? 'Alice' : user),
  groupOf: (id: string): string => (id === '17@70' ? 'finance/daily' : ''),
};

test('[PG2.3] two values of one field are told with who wrote them and which stands', () => {
  const told = tellNotice(
    notice({ take: { kind: 'set', path: ['pipelines', 'K', 'schedule'], key: 'expr', value: '2 2 * * *' } }),
    namer,
  );
  expect(told.title).toBe('orders: Expression was changed twice at once.');
  expect(told.sides.map(({ label, name, value }) => [label, name, value])).toEqual([
    ['Kept', 'Alice', '1 1 * * *'],
    ['Not kept', 'someone', '2 2 * * *'],
  ]);
  expect(told.take).toBe('Use the other value');
});

test('[PG2.3] a value of another type is shown as JSON, a long one is cut, and a deletion is called so', () => {
  const told = tellNotice(notice({ won: side('u1', { type: 'int64' }), lost: side('u2') }), namer);
  expect(told.sides.map(({ value }) => value)).toEqual(['{"type":"int64"}', 'deleted']);
  const long = tellNotice(notice({ won: side('u1', 'x'.repeat(5_000)) }), namer);
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
    namer,
  );
  expect(told.title).toBe('orders was deleted by Alice while it was being edited.');
  expect(told.detail).toBe('Discarded: what u2 wrote into Name, Table.');
  expect(told.take).toBe('Restore');
  expect(tellNotice(notice({ kind: 'both_deleted' }), namer).sides).toEqual([]);
});

test('[PG2.3] of a pipeline are its own conflicts and those of its transforms', () => {
  const own = notice({});
  const transform = notice({ id: 't', entity: { root: 'transforms', key: 'T', pipeline: 'K' } });
  const other = notice({ id: 'o', entity: { root: 'pipelines', key: 'L' } });
  const variable = notice({ id: 'v', entity: { root: 'variables', key: 'K' } });
  expect(noticesOf([own, transform, other, variable], 'K')).toEqual([own, transform]);
});

test('[PG2.6] groups are told by their paths, also as a value, and one that is gone is called so', () => {
  const take = { kind: 'set' as const, path: ['pipelines', 'K'], key: 'group', value: '17@70' };
  const told = tellNotice(
    notice({ field: 'group', won: side('u1', '13@3'), lost: side('u2', '17@70'), take }),
    namer,
  );
  expect(told.sides.map(({ value }) => value)).toEqual(['a group that is gone', 'finance/daily']);
  const entity = { root: 'groups', key: '17@70' };
  const moved = tellNotice(
    notice({ entity, field: 'parent', won: side('u1', null), lost: side('u2', '13@3') }),
    namer,
  );
  expect(moved.title).toStartWith('finance/daily: ');
  expect(moved.sides.map(({ value }) => value)).toEqual(['no group', 'a group that is gone']);
  const gone = tellNotice(notice({ entity: { root: 'groups', key: '13@3' }, field: 'name' }), namer);
  expect(gone.title).toStartWith('a group that is gone: ');
});

test('[PG2.6] what somebody decided meanwhile claims no more that a value stands, and offers nothing', () => {
  const take = {
    kind: 'set' as const,
    path: ['pipelines', 'K', 'schedule'],
    key: 'expr',
    value: '2 2 * * *',
  };
  const told = tellNotice(notice({ take }), namer, 'other');
  expect(told.sides.map(({ label }) => label)).toEqual(['Kept then', 'Not kept']);
  expect(told.take).toBeUndefined();
  expect(told.settled).toBe('Settled: someone has written another value since.');
});
