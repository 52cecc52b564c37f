import { expect, test } from 'bun:test';
import type { TransformConfig } from '@hakiri/contracts/config';
import { pipeline } from '../testing/world.ts';
import type { Row } from './rows.ts';
import { planSteps } from './step-plan.ts';
import { compileTransform } from './transforms.ts';

const ORDERS: Row[] = [
  { id: 1, country: 'nl', amount: 12.5, paid: true, buyer: { name: 'Ada' } },
  { id: 2, country: 'de', amount: 80, paid: false, buyer: { name: 'Bo' } },
  { id: 3, country: 'nl', amount: 99, paid: true, note: null },
];
const transform = (kind: TransformConfig['kind'], body: string, inputs: string[] = []): TransformConfig => ({
  key: '0'.repeat(26),
  kind,
  body,
  inputs,
});

async function carriedOut(config: TransformConfig, rows: Row[] = ORDERS): Promise<Row[]> {
  async function* source() {
    yield* rows;
  }
  return Array.fromAsync(compileTransform(config)(source()));
}
const idsOf = async (expression: string) =>
  (await carriedOut(transform('filter', expression))).map(({ id }) => id);

test('[SC8.1] filter keeps the rows its expression is true for', async () => {
  expect(await idsOf('amount > 50')).toEqual([2, 3]);
  expect(await idsOf('country == "nl" and amount < 50')).toEqual([1]);
  expect(await idsOf('paid and country in ("nl", "be")')).toEqual([1, 3]);
  expect(await idsOf('paid == true')).toEqual([1, 3]);
  expect(await idsOf('buyer.name == "Bo"')).toEqual([2]);
  expect(await idsOf('not empty(note) or id == 3')).toEqual([3]);
});

test('[SC8.1] an expression that cannot be meant says where and why', async () => {
  expect(carriedOut(transform('filter', 'amount >'))).rejects.toThrow('not an expression');
  expect(carriedOut(transform('filter', 'country > 5'))).rejects.toThrow('Row 1');
  expect(carriedOut(transform('filter', 'cuontry == "nl"'))).rejects.toThrow('cuontry');
});

test('[SC8.7] an expression reaches nothing but columns', async () => {
  for (const name of ['constructor', '__proto__', 'toString', 'buyer.constructor'])
    expect(carriedOut(transform('filter', `'${name}' == "x"`))).rejects.toThrow(name);
  expect(carriedOut(transform('filter', 'process()'))).rejects.toThrow('Row 1');
});

test('[SC8.1] select keeps the columns it lists, in their order', async () => {
  const rows = await carriedOut(transform('select', '', ['amount', 'id', 'buyer.name']));
  expect(rows[0]).toEqual({ amount: 12.5, id: 1, 'buyer.name': 'Ada' });
  expect(Object.keys(rows[2] ?? {})).toEqual(['amount', 'id', 'buyer.name']);
  expect(rows[2]).toMatchObject({ 'buyer.name': null });
  expect(carriedOut(transform('select', '', ['id', 'nothing']))).rejects.toThrow('nothing');
});

test('[SC8.4] what this node cannot carry out is refused before a row has moved', () => {
  for (const kind of ['polars', 'wasm'] as const)
    expect(() => planSteps(pipeline(1, { transforms: [transform(kind, 'x')] }))).toThrow(
      `does not carry out ${kind} transforms`,
    );
  expect(() => planSteps(pipeline(1, { source: { kind: 'github', ref: 'x' } }))).toThrow(
    'sources of kind github',
  );
});

test('[SC8.1] a pipeline is extract, its transforms, load', () => {
  const steps = planSteps(
    pipeline(1, { transforms: [transform('filter', 'a'), transform('select', '', ['a'])] }),
  );
  expect(steps.map(({ name }) => name)).toEqual(['extract', 'filter', 'select', 'load']);
});
