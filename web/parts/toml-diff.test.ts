import { expect, test } from 'bun:test';
import { renderManifest } from '@hakiri/manifest/render';
import { ENTRIES_LIMIT, tomlDiff } from './toml-diff.ts';

const key = (number: number): string => `01ARZ3NDEKTSV4RRFFQ6${String(number).padStart(6, '0')}`;
const pipeline = (number: number, table = `t${number}`) => ({
  key: key(number),
  id: `p-${number}`,
  name: '',
  // It looks like an entry, and is a text.
  description: 'one\n\n[[pipeline]]\nkey = "none"\n',
  tags: [],
  group: '',
  enabled: true,
  source: { kind: 'csv-file', ref: 'a.csv' },
  destination: { table },
  schedule: { kind: 'every' as const, expr: '15m' },
  placement: { kind: 'auto' as const },
  transforms: [],
  schema: {},
});
const toml = (pipelines: ReturnType<typeof pipeline>[]): string =>
  renderManifest({ pipelines, variables: [] });

test('[PG3.2] only the entries that differ are compared, each by its key and called by its id', () => {
  const before = toml([pipeline(1), pipeline(2), pipeline(3)]);
  const after = toml([pipeline(1), pipeline(2, 'other'), pipeline(4)]);
  const { entries, more } = tomlDiff(before, after);
  expect(more).toBe(0);
  expect(entries.map(({ name }) => name)).toEqual(['p-2', 'p-3', 'p-4']);
  const [changed, removed, added] = entries.map(({ lines }) => lines.filter(({ sign }) => sign !== ' '));
  expect(changed?.map(({ sign, text }) => `${sign}${text}`)).toEqual([
    '-destination = { table = "t2" }',
    '+destination = { table = "other" }',
  ]);
  expect(new Set(removed?.map(({ sign }) => sign))).toEqual(new Set(['-']));
  expect(new Set(added?.map(({ sign }) => sign))).toEqual(new Set(['+']));
});

test('[PG3.2] before the first Apply there is nothing to compare with, and more than anybody reads is counted', () => {
  const all = Array.from({ length: ENTRIES_LIMIT + 5 }, (_, number) => pipeline(number));
  const { entries, more } = tomlDiff('', toml(all));
  expect([entries.length, more]).toEqual([ENTRIES_LIMIT, 5]);
  expect(tomlDiff(toml(all), toml(all))).toEqual({ entries: [], more: 0 });
});
