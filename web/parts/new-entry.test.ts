// What is told of an entry that goes live for the first time.
import { expect, test } from 'bun:test';
import { renderManifest } from '@hakiri/manifest/render';
import { mostTelling } from './most-telling.ts';
import { newFields } from './new-entry.ts';

const key = (number: number): string => `01ARZ3NDEKTSV4RRFFQ6${String(number).padStart(6, '0')}`;
const pipeline = (number: number) => ({
  key: key(number),
  id: `p-${number}`,
  name: '',
  // It looks like an entry, and is a text.
  description: 'one\n\n[[pipeline]]\nkey = "none"\n',
  tags: [],
  group: '',
  enabled: number % 2 === 1,
  source: { kind: 'csv-file', ref: 'a.csv' },
  destination: { table: `t${number}` },
  schedule: { kind: 'cron' as const, expr: '0 6 * * *', timezone: 'Europe/Berlin' },
  placement: { kind: 'auto' as const },
  transforms: [],
  schema: {},
});
const toml = renderManifest({
  pipelines: [pipeline(1), pipeline(2)],
  variables: [{ key: key(3), name: 'region', value: 'eu', comment: '' }],
});
const told = (number: number): string[] | undefined =>
  newFields(toml)(key(number))?.map(({ label, value }) => `${label}: ${'text' in value ? value.text : ''}`);

test('[PG3.13] of a new pipeline its source, table, schedule and whether it runs are told, from what goes live', () => {
  expect(told(2)).toEqual([
    'Source: csv-file a.csv',
    'Table: t2',
    'Schedule: cron 0 6 * * * Europe/Berlin',
    'Enabled: no',
  ]);
  expect(told(1)?.at(-1)).toBe('Enabled: yes');
  expect(told(3)).toEqual(['Value: eu']);
  expect(told(9)).toBeUndefined();
});

test('[PG3.13] of a new pipeline its transforms, columns and options are counted and named, and where it runs', () => {
  const step = (number: number) => ({
    key: key(100 + number),
    kind: 'filter' as const,
    body: 'a > 1',
    inputs: [],
  });
  const entry = {
    ...pipeline(5),
    group: 'shop/eu',
    tags: ['daily'],
    source: { kind: 'csv-file', ref: 'a.csv', header: 'yes' },
    placement: { kind: 'node' as const, target: 'edge-1' },
    transforms: [step(1), step(2)],
    schema: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, { type: 'text' }])),
  };
  const fields = newFields(renderManifest({ pipelines: [entry], variables: [] }))(key(5)) ?? [];
  expect(fields.slice(4).map(({ label, value }) => `${label}: ${'text' in value ? value.text : ''}`)).toEqual(
    [
      'Transforms: 2: filter, filter',
      'Columns: 7: a, b, c, d, e, f, …',
      'Placement: node edge-1',
      'Source header: yes',
      'Group: shop/eu',
      'Tags: daily',
    ],
  );
});

test('[PG3.13] of more than is listed nothing that goes is left out for what is new', () => {
  const changes = Array.from({ length: 10_000 }, (_, number) => ({
    kind:
      number === 9_999 ? ('removed' as const) : number === 5_000 ? ('changed' as const) : ('added' as const),
    id: `p-${number}`,
  }));
  const shown = mostTelling(changes, 200);
  expect(shown.length).toBe(200);
  expect(shown.slice(0, 3).map(({ id }) => id)).toEqual(['p-9999', 'p-5000', 'p-0']);
  expect(mostTelling(changes, 10_000)).toBe(changes);
});
