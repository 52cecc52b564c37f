import { expect, test } from 'bun:test';
import type { PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { nearest } from './nearest.ts';
import { validateConfig } from './validate.ts';
import { validatePipeline } from './validate-one.ts';

const keyOf = (number: number): string => `01J${String(number).padStart(23, '0')}`;
const pipeline = (number: number, fields: Partial<PipelineDraft> = {}): PipelineDraft => ({
  key: keyOf(number),
  id: `p${number}`,
  name: `P ${number}`,
  description: '',
  tags: [],
  group: '',
  enabled: true,
  source: { kind: 'csv-file', ref: 'rows.csv' },
  destination: { table: 'rows' },
  schedule: { kind: 'every', expr: '15m' },
  placement: { kind: 'auto' },
  transforms: [],
  schema: {},
  ...fields,
});
const after = (id: string) => ({ schedule: { kind: 'on-event', expr: `pipeline.finished:${id}` } });
const around = (all: readonly PipelineDraft[], variables: readonly VariableDraft[] = []) => ({
  variables,
  withId: (id: string) => all.filter((each) => each.id === id),
  nearestId: (id: string) =>
    nearest(
      id,
      all.flatMap((each) => (typeof each.id === 'string' ? [each.id] : [])),
    ),
});

test('[PG8.3] of others those are asked for that it names, and what may be meant when there is none such', () => {
  const all = [
    pipeline(1, after('p2')),
    pipeline(2),
    ...Array.from({ length: 50 }, (_, n) => pipeline(n + 3)),
  ];
  const asked: string[] = [];
  const surroundings = {
    ...around(all),
    withId(id: string) {
      asked.push(id);
      return all.filter((each) => each.id === id);
    },
    nearestId(id: string) {
      asked.push(`like ${id}`);
      return 'p2';
    },
  };
  validatePipeline(pipeline(1, after('p2')), surroundings);
  expect(asked.splice(0)).toEqual(['p1', 'p2']);
  validatePipeline(pipeline(1, after('p2x')), surroundings);
  expect(asked).toEqual(['p1', 'p2x', 'like p2x']);
});

const VARIABLES = [{ key: keyOf(99), name: 'PLACE', value: 'x', comment: '' }];
const CASES: Record<string, PipelineDraft[]> = {
  'nothing wrong': [pipeline(1), pipeline(2)],
  'a half-typed cron': [pipeline(1, { schedule: { kind: 'cron', expr: '0 6 *' } }), pipeline(2)],
  'an id that another has': [pipeline(1, { id: 'p2' }), pipeline(2), pipeline(3)],
  'an id that is none': [pipeline(1, { id: 'No / id' }), pipeline(2)],
  'an empty id': [pipeline(1, { id: '' }), pipeline(2)],
  'a mistaken upstream': [pipeline(1, after('orderz')), pipeline(2, { id: 'orders' }), pipeline(3)],
  'an upstream that nothing is like': [pipeline(1, after('zzzzzzzzzz')), pipeline(2)],
  'an upstream that is switched off': [pipeline(1, after('p2')), pipeline(2, { enabled: false })],
  'waiting for itself': [pipeline(1, after('p1'))],
  'waiting in a circle': [pipeline(1, after('p2')), pipeline(2, after('p3')), pipeline(3, after('p1'))],
  'before a circle': [pipeline(1, after('p2')), pipeline(2, after('p3')), pipeline(3, after('p2'))],
  'an unknown variable': [
    pipeline(1, { source: { kind: 'csv-file', ref: 'a/${PLACES}' } }),
    pipeline(2, { source: { kind: 'csv-file', ref: '${PLACE}' } }),
  ],
  'fields of other types': [pipeline(1, { source: 7, schedule: null, placement: { kind: 'node' } })],
};

for (const [name, all] of Object.entries(CASES))
  test(`[PG1.1] one pipeline has the issues that it has among all: ${name}`, () => {
    const [own] = all;
    if (!own) throw new Error('a case begins with the pipeline that is looked at');
    const whole = validateConfig({ pipelines: [...all], variables: [...VARIABLES] }).issues;
    const isShared = all.some((other) => other !== own && other.id === own.id);
    const prefix = `/pipelines/${isShared || own.id === '' ? own.key : String(own.id).replaceAll('/', '~1')}/`;
    const expected = whole
      .filter(({ path }) => path.startsWith(prefix))
      .map((issue) => ({ ...issue, path: issue.path.slice(prefix.length - 1) }));
    if (name !== 'nothing wrong' && name !== 'before a circle') expect(expected.length).toBeGreaterThan(0);
    expect(validatePipeline(own, around(all, VARIABLES))).toEqual(expected);
  });
