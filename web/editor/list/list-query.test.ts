// What the list shows of what there is.
import { expect, test } from 'bun:test';
import type { Mark } from '../../live/marks.ts';
import type { PipelineHead } from '../../live/pipelines.ts';
import { createStore } from '../../live/store.ts';
import { type ListQuery, matcherOf, parseQuery } from './list-query.ts';
import { watchShown } from './shown-keys.ts';

const head = (key: string, more: Partial<PipelineHead> = {}): PipelineHead => ({
  key,
  id: key,
  name: '',
  group: '',
  enabled: true,
  tags: [],
  ...more,
});
const orders = head('orders', { name: 'Orders of the day', group: 'shop/daily', tags: ['Money'] });
const mark = (more: Partial<Mark>): Mark => ({ change: undefined, errors: 0, warnings: 0, ...more });

const cases: [query: ListQuery, mark: Mark | undefined, isFound: boolean][] = [
  [{}, undefined, true],
  [{ q: 'ORD day' }, undefined, true],
  [{ q: 'money' }, undefined, true],
  [{ q: 'shop/d' }, undefined, true],
  [{ q: 'orders refunds' }, undefined, false],
  [{ group: 'shop' }, undefined, true],
  [{ group: 'sho' }, undefined, false],
  [{ enabled: 'off' }, undefined, false],
  [{ enabled: 'on' }, undefined, true],
  [{ only: 'unapplied' }, undefined, false],
  [{ only: 'unapplied' }, mark({ change: 'added' }), true],
  [{ only: 'issues' }, mark({ change: 'added' }), false],
  [{ only: 'issues' }, mark({ warnings: 1 }), true],
];
for (const [query, its, isFound] of cases)
  test(`[PG1.21] ${JSON.stringify(query)} with ${JSON.stringify(its)}: ${isFound}`, () => {
    expect(matcherOf(query)(orders, its)).toBe(isFound);
  });

test('[PG1.21] an address that somebody mistyped looks for nothing else', () => {
  expect(parseQuery({ q: 42, group: ['x'], enabled: 'maybe', only: 'issues', other: 1 })).toEqual({
    q: '42',
    only: 'issues',
  });
});

function bench() {
  const heads = new Map([head('a'), head('b', { enabled: false }), head('c')].map((it) => [it.key, it]));
  const order = createStore<readonly string[]>([...heads.keys()]);
  const listeners = new Set<(keys: readonly string[]) => void>();
  let asked = 0;
  const pipelines = {
    order,
    head(key: string) {
      asked += 1;
      return heads.get(key);
    },
    idOf: (key: string) => heads.get(key)?.id,
    onChanged(listener: (keys: readonly string[]) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const marks = createStore<ReadonlyMap<string, Mark>>(new Map());
  const unapplied = { marks, mark: (key: string) => marks.get().get(key) };
  return {
    sources: { pipelines, unapplied },
    marks,
    put(next: PipelineHead) {
      heads.set(next.key, next);
      order.set([...heads.keys()].sort());
      asked = 0;
      for (const listener of listeners) listener([next.key]);
      return asked;
    },
  };
}

test('[PG8.3] a change asks about what changed alone, and is told when it comes or goes', () => {
  const { sources, put } = bench();
  const shown = watchShown(sources, { enabled: 'on' }, 'group');
  let told = 0;
  shown.subscribe(() => {
    told += 1;
  });
  expect(shown.get()).toEqual(['a', 'c']);
  expect(put(head('b', { enabled: true }))).toBe(1);
  expect([shown.get(), told]).toEqual([['a', 'b', 'c'], 1]);
  put(head('a', { enabled: false }));
  expect(shown.get()).toEqual(['b', 'c']);
});

test('[PG1.21] marks change what is shown, when that is what is looked for', () => {
  const { sources, marks } = bench();
  const shown = watchShown(sources, { only: 'issues' }, 'group');
  shown.subscribe(() => {});
  marks.set(new Map([['c', mark({ errors: 2 })]]));
  expect(shown.get()).toEqual(['c']);
});

test('[PG1.21] by id, whatever the groups', () => {
  const { sources, put } = bench();
  put(head('a', { id: 'z' }));
  expect(watchShown(sources, {}, 'id').get()).toEqual(['b', 'c', 'a']);
});

test('[PG1.21] two of one id keep their order, however the document has them', () => {
  const { sources, put } = bench();
  for (const key of ['c', 'b', 'a']) put(head(key, { id: 'same' }));
  const { order } = sources.pipelines;
  for (const keys of [
    ['b', 'c', 'a'],
    ['c', 'a', 'b'],
  ]) {
    order.set(keys);
    expect(watchShown(sources, {}, 'id').get()).toEqual(['a', 'b', 'c']);
  }
});
