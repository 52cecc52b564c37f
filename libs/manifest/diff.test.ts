import { expect, test } from 'bun:test';
import type { ManifestConfig, PipelineConfig } from '@hakiri/contracts/config';
import { anyManifest } from '@hakiri/testing/config-arbitraries';
import fc from 'fast-check';
import { EMPTY_CONFIG } from './canonical.ts';
import { diffManifests } from './diff.ts';
import { diffText } from './diff-text.ts';
import { renderManifest } from './render.ts';
import { validateConfig } from './validate.ts';

const orders: PipelineConfig = {
  key: '01M7YAH3NQYS8CRJ7TWPVDWFMZ',
  id: 'orders',
  name: 'Orders',
  description: '',
  tags: ['shop'],
  group: '',
  enabled: true,
  source: { kind: 'csv-file', ref: 'orders.csv' },
  destination: { table: 'orders' },
  schedule: { kind: 'every', expr: '1h' },
  placement: { kind: 'auto' },
  transforms: [
    { key: 'T1', kind: 'filter', body: 'a > 1', inputs: [] },
    { key: 'T2', kind: 'select', body: '', inputs: ['a'] },
  ],
  schema: { 'a/b': { type: 'int64' } },
};
const config = (...pipelines: PipelineConfig[]): ManifestConfig => ({ pipelines, variables: [] });

test('[AP9] a diff names every field by its path, with both values', () => {
  const [first, second] = orders.transforms;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const after: PipelineConfig = {
    ...orders,
    id: 'sales',
    tags: ['shop', 'eu'],
    schedule: { kind: 'cron', expr: '0 6 * * *', timezone: 'UTC' },
    transforms: [second, { ...first, body: 'a > 2' }],
    schema: { 'a/b': { type: 'int64', nullable: true } },
  };
  expect(diffManifests(config(orders), config(after)).pipelines).toEqual([
    {
      kind: 'changed',
      key: orders.key,
      id: 'sales',
      fields: [
        { path: '/id', before: 'orders', after: 'sales' },
        { path: '/tags', before: ['shop'], after: ['shop', 'eu'] },
        { path: '/schedule/kind', before: 'every', after: 'cron' },
        { path: '/schedule/expr', before: '1h', after: '0 6 * * *' },
        { path: '/schedule/timezone', after: 'UTC' },
        { path: '/schema/a~1b/nullable', after: true },
        { path: '/transforms', before: ['T1', 'T2'], after: ['T2', 'T1'] },
        { path: '/transforms/T1/body', before: 'a > 1', after: 'a > 2' },
      ],
    },
  ]);
});

test('[AP9] added and removed pipelines and transforms', () => {
  const fewer = { ...orders, transforms: orders.transforms.slice(0, 1) };
  expect(diffManifests(EMPTY_CONFIG, config(orders)).pipelines).toEqual([
    { kind: 'added', key: orders.key, id: 'orders' },
  ]);
  expect(diffManifests(config(orders), EMPTY_CONFIG).pipelines[0]?.kind).toBe('removed');
  expect(diffManifests(config(orders), config(fewer)).pipelines).toMatchObject([
    { fields: [{ path: '/transforms/T2', before: orders.transforms[1] }] },
  ]);
});

test('[AP9] nothing differs exactly when the bytes are equal', () => {
  fc.assert(
    fc.property(anyManifest, anyManifest, (a, b) => {
      const [from, to] = [validateConfig(a).config, validateConfig(b).config];
      if (from === undefined || to === undefined) throw new Error('both are valid');
      for (const [x, y] of [
        [from, to],
        [from, structuredClone(from)],
      ] as const) {
        const { pipelines, variables } = diffManifests(x, y);
        expect(pipelines.length + variables.length === 0).toBe(renderManifest(x) === renderManifest(y));
      }
    }),
    { numRuns: 100 },
  );
});

test('[AP9] the text of a diff has a line for each thing', () => {
  const after = { ...orders, enabled: false, description: 'x'.repeat(300) };
  const text = diffText({ from: 'v1', to: 'v2', ...diffManifests(config(orders), config(after)) });
  expect(text).toBe(
    `v1 → v2\n~ pipeline orders\n    /description: "" → "${'x'.repeat(199)}… (302 characters)\n    /enabled: true → false\n`,
  );
  expect(diffText({ from: 'v1', to: 'v1', pipelines: [], variables: [] })).toBe(
    'v1 → v1\nNothing differs.\n',
  );
});

test('[AP9] what is in another group or document is told as moved, and nothing else is', () => {
  const changesTo = (changes: Partial<PipelineConfig>) =>
    diffManifests(config(orders), config({ ...orders, ...changes })).pipelines;
  expect(changesTo({ group: 'shop/eu' })).toMatchObject([
    { moved: true, fields: [{ path: '/group', before: '', after: 'shop/eu' }] },
  ]);
  expect(changesTo({ doc: 'eu' })).toMatchObject([{ moved: true, fields: [{ path: '/doc', after: 'eu' }] }]);
  expect(changesTo({ enabled: false })[0]).not.toHaveProperty('moved');
});
