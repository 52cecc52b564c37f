import { afterAll, beforeAll, expect, test } from 'bun:test';
import { commitEdit, createPipeline, deletePipeline } from '@hakiri/config-doc/edit';
import { addTransform, setTransform } from '@hakiri/config-doc/edit-transforms';
import { LoroDoc } from 'loro-crdt';
import { createStore } from './store.ts';
import { watchVariableUses } from './variable-uses.ts';

const atOnce = {
  requestIdleCallback(step: () => void): number {
    step();
    return 0;
  },
  cancelIdleCallback(): void {},
};
const before = new Map(Object.keys(atOnce).map((name) => [name, Reflect.get(globalThis, name)]));
beforeAll(() => void Object.assign(globalThis, atOnce));
afterAll(() => void Object.assign(globalThis, Object.fromEntries(before)));

test('[PG1.46] where a variable is used is known after one look, and kept by what changes', () => {
  const doc = new LoroDoc();
  const source = { kind: 'http-json', ref: '${BASE}/${BASE}/orders', token: '${secret:TOKEN}' };
  const orders = createPipeline(doc, { id: 'orders', source, destination: { table: '${PREFIX}orders' } });
  const other = createPipeline(doc, { id: 'other' });
  const order = createStore<readonly string[]>([orders, other]);
  let tell: (keys: readonly string[]) => void = () => {};
  const uses = watchVariableUses(doc, {
    order,
    onChanged(listener) {
      tell = listener;
      return () => {};
    },
  });
  expect(uses.of('BASE')).toEqual([]);
  uses.want();
  expect(uses.isKnown.get()).toBe(true);
  expect(uses.of('BASE')).toEqual([{ pipeline: orders, paths: ['/source/ref'] }]);
  expect(uses.of('TOKEN')).toEqual([]);
  const prefix = uses.of('PREFIX');
  let told = 0;
  uses.subscribe('BASE', () => {
    told += 1;
  });
  const key = commitEdit(doc, 'test', () =>
    addTransform(doc, other, { kind: 'filter', body: 'a == "${BASE}"', inputs: [] }),
  );
  tell([other]);
  expect(uses.of('BASE').map(({ paths }) => paths)).toEqual([['/source/ref'], ['/transforms/0/body']]);
  setTransform(doc, other, key ?? '', { body: '${BASE} again' });
  tell([other]);
  expect(told).toBe(1);
  expect(uses.of('PREFIX')).toBe(prefix);
  deletePipeline(doc, orders);
  tell([orders]);
  expect(uses.of('PREFIX')).toEqual([]);
  expect(uses.of('BASE')).toEqual([{ pipeline: other, paths: ['/transforms/0/body'] }]);
});
