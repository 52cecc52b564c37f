import { expect, test } from 'bun:test';
import { SCOPE_NAMES_LIMIT } from '@hakiri/contracts/scope';
import { choiceOf, isChosen, keysInAddress, type ScopeChoice, scopeOf, toggled } from './scope-choice.ts';

const picked = (...keys: string[]): ScopeChoice => ({ kind: 'picked', keys: new Set(keys) });

test('[PG3.4] what is chosen becomes a scope, and nothing chosen is none', () => {
  expect(scopeOf({ kind: 'all' })).toEqual({ kind: 'all' });
  expect(scopeOf({ kind: 'group', group: 'shop' })).toEqual({ kind: 'group', group: 'shop' });
  expect(scopeOf({ kind: 'group', group: '' })).toBeUndefined();
  expect(scopeOf(picked('A', 'B'))).toEqual({ kind: 'pipelines', pipelines: ['A', 'B'] });
  expect(scopeOf(picked())).toBeUndefined();
  const many = Array.from({ length: SCOPE_NAMES_LIMIT + 1 }, (_, number) => `K${number}`);
  expect(scopeOf(picked(...many))).toBeUndefined();
});

test('[PG3.4] a group takes what is below it, and not what is only called alike', () => {
  const groups: Record<string, string> = { A: 'shop', B: 'shop/daily', C: 'shopping' };
  const chosen = ['A', 'B', 'C', 'gone'].filter((key) =>
    isChosen({ kind: 'group', group: 'shop' }, { key }, (name) => groups[name]),
  );
  expect(chosen).toEqual(['A', 'B']);
  expect(isChosen(picked('C'), { key: 'C' }, () => undefined)).toBe(true);
  expect(isChosen({ kind: 'all' }, { key: 'gone' }, () => undefined)).toBe(true);
});

test('[PG3.5] a suggested scope is a choice, by key', () => {
  const keyOf = (name: string) => (name === 'orders' ? 'K1' : undefined);
  expect(choiceOf({ kind: 'pipelines', pipelines: ['orders', 'K2'] }, keyOf)).toEqual(picked('K1', 'K2'));
  expect(choiceOf({ kind: 'selection', groups: ['a'], pipelines: [] }, keyOf)).toEqual({ kind: 'all' });
});

test('[PG3.4] keys stand in the address, and are chosen one by one', () => {
  expect([...keysInAddress('A,B')]).toEqual(['A', 'B']);
  expect(keysInAddress(undefined).size).toBe(0);
  expect([...toggled(new Set(['A']), 'B')]).toEqual(['A', 'B']);
  expect([...toggled(new Set(['A']), 'A')]).toEqual([]);
});
