// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { cpuMs } from '@hakiri/testing/cpu-time';
import { nearest } from './nearest.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { type ValidationContext, validateConfig } from './validate.ts';

const key = (name: string) => `01J${name.toUpperCase().repeat(23)}`;
const pipeline = (name: string, fields: Partial<PipelineDraft> = {}) =>
  pipelineDraft(key(name.slice(0, 1)), name, fields);
const HOST: VariableDraft = { key: key('H'), name: 'API_HOST', value: 'x', comment: '' };
const suggested = (pipelines: PipelineDraft[], context: ValidationContext = {}) =>
  validateConfig({ pipelines, variables: [HOST] }, context)
    .issues.filter(({ code }) => code !== 'variable.unused')
    .map(({ code, suggestion }) => [code, suggestion?.value]);

test('[AP2.10] unknown variables, pipelines, kinds and time zones come with the nearest known name', () => {
  expect(suggested([pipeline('a', { source: { kind: 'x', ref: '${API_HSOT}' } })])).toEqual([
    ['variable.undefined', 'API_HOST'],
  ]);
  const waits = pipeline('a', { schedule: { kind: 'on-event', expr: 'pipeline.finished:orders-liv' } });
  expect(suggested([waits, pipelineDraft(key('B'), 'orders-live')])).toEqual([
    ['schedule.reference_unknown', 'orders-live'],
  ]);
  expect(suggested([pipeline('a', { schedule: { kind: 'crom', expr: '0 * * * *' } })])).toEqual([
    ['schedule.kind_unknown', 'cron'],
  ]);
  const zone = { kind: 'cron', expr: '0 * * * *', timezone: 'Europe/Berln' };
  expect(suggested([pipeline('a', { schedule: zone })])).toEqual([
    ['schedule.timezone_unknown', 'Europe/Berlin'],
  ]);
  const partition = { destination: { table: 'a', partition_by: 'dya' }, schema: { day: { type: 'utf8' } } };
  expect(suggested([pipeline('a', partition)])).toEqual([['destination.partition_unknown', 'day']]);
});

test('[AP2.10] what is far from every name gets none; much to compare is not compared', () => {
  expect(nearest('zzz', ['orders', 'returns'])).toBeUndefined();
  expect(nearest('', ['a'])).toBeUndefined();
  expect(nearest('ab', ['ba', 'ac'])).toBe('ac');
  expect(nearest('x'.repeat(101), [`${'x'.repeat(100)}y`])).toBeUndefined();
  const begun = cpuMs();
  const names = Array.from({ length: 1_000_000 }, (_, index) => `${'pipeline-number-'.repeat(5)}${index}`);
  const made = cpuMs();
  nearest(`${'pipeline-number-'.repeat(5)}x`, names);
  // Far below what all of them would take.
  expect(cpuMs() - made).toBeLessThan(5000 + (made - begun));
});

test('[AP2.11] a placement that nobody serves is a warning where it is known who is there, and nothing where not', () => {
  const places = { nodes: ['mbp-alice'], pools: ['default', 'internet'], labels: ['any-mac'] };
  const placed = (kind: string, target: string) => pipeline('a', { placement: { kind, target } });
  expect(suggested([placed('node', 'mbp-alise')])).toEqual([]);
  for (const [kind, right, wrong] of [
    ['node', 'mbp-alice', 'mbp-alise'],
    ['auto', 'internet', 'intrenet'],
    ['label', 'any-mac', 'any-mca'],
  ] as const) {
    expect(suggested([placed(kind, right)], { places })).toEqual([]);
    expect(suggested([placed(kind, wrong)], { places })).toEqual([['placement.target_unknown', right]]);
  }
  const { config } = validateConfig({ pipelines: [placed('node', 'x')], variables: [] }, { places });
  expect(config).toBeDefined();
});

test('[AP2.11] no target is the default pool; what was not asked for is passed over, and past a hundred the rest is counted', () => {
  const places = { nodes: ['mac'], pools: ['internet'], labels: [] };
  const paths = (pipelines: PipelineDraft[], asked?: ReadonlySet<string>) =>
    validateConfig({ pipelines, variables: [] }, { places, asked }).issues.map(({ path }) => path);
  const plain = pipeline('a', { placement: { kind: 'auto' } });
  expect(paths([plain])).toEqual(['/pipelines/a/placement']);
  expect(paths([plain], new Set())).toEqual([]);
  const many = Array.from({ length: 130 }, (_, index) =>
    pipeline(`p${index}`, {
      key: `01J${String(index).padStart(23, '0')}`,
      placement: { kind: 'node', target: 'pc' },
    }),
  );
  const { issues } = validateConfig({ pipelines: many, variables: [] }, { places });
  expect(issues).toHaveLength(101);
  expect(issues.at(-1)).toMatchObject({ path: '/pipelines', severity: 'warning' });
  expect(issues.at(-1)?.message).toStartWith('30 more');
});
