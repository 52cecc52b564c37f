// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
import { expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { anyDraft } from '@hakiri/testing/config-arbitraries';
import { cpuMs } from '@hakiri/testing/cpu-time';
import fc from 'fast-check';
import { validateConfig } from './validate.ts';

let count = 0;
function key(): string {
  count += 1;
  return `01J${String(count).padStart(23, '0')}`;
}

function pipeline(id: string, fields: Partial<PipelineDraft> = {}): PipelineDraft {
  return {
    key: key(),
    id,
    name: null,
    description: null,
    tags: null,
    group: null,
    enabled: null,
    source: { kind: 'csv-file', ref: 'a.csv' },
    destination: { table: 'a' },
    schedule: { kind: 'every', expr: '1h' },
    placement: null,
    transforms: null,
    schema: null,
    ...fields,
  };
}
function variable(name: unknown, value: unknown = ''): VariableDraft {
  return { key: key(), name, value, comment: null };
}
function check(pipelines: PipelineDraft[], variables: VariableDraft[] = []): [string, string][] {
  const draft: ConfigDraft = { pipelines, variables };
  return validateConfig(draft).issues.map(({ path, code }) => [path, code]);
}
const cron = (expr: string, timezone?: string) =>
  pipeline('a', { schedule: { kind: 'cron', expr, ...(timezone === undefined ? {} : { timezone }) } });

test('[AP2] defaults are filled in: name, tags, group, enabled, placement, transforms', () => {
  const { config, issues } = validateConfig({ pipelines: [pipeline('a')], variables: [] });
  expect(issues).toEqual([]);
  expect(config?.pipelines[0]).toMatchObject({
    name: 'a',
    description: '',
    tags: [],
    group: '',
    enabled: true,
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
  });
});

test('[AP2] a cron that is none is refused with its path, a code and a sentence', () => {
  const { config, issues } = validateConfig({ pipelines: [cron('61 * * * *')], variables: [] });
  expect(config).toBeUndefined();
  expect(issues).toEqual([
    {
      path: '/pipelines/a/schedule/expr',
      code: 'schedule.cron_invalid',
      message:
        '`61 * * * *` is not a cron expression (Invalid value for minute: 61): write five fields such as `*/15 * * * *` (minute, hour, day, month, weekday), or six with seconds first.',
      severity: 'error',
    },
  ]);
});

test('[AP2] schedules: what can never fire, is too often, is of no kind, in no time zone', () => {
  const at = '/pipelines/a/schedule';
  const expected: [PipelineDraft, string, string][] = [
    [cron('* * *'), `${at}/expr`, 'schedule.cron_invalid'],
    [cron('2026-03-29T10:00:00'), `${at}/expr`, 'schedule.cron_invalid'],
    [cron('0 0 31 2 *'), `${at}/expr`, 'schedule.cron_never'],
    [cron('0 0 * * *', 'Mars/Olympus'), `${at}/timezone`, 'schedule.timezone_unknown'],
    [cron('0 0 * * *', '+01:00'), `${at}/timezone`, 'schedule.timezone_unknown'],
    [pipeline('a', { schedule: { kind: 'every', expr: '999ms' } }), `${at}/expr`, 'schedule.every_too_short'],
    [pipeline('a', { schedule: { kind: 'every', expr: '367d' } }), `${at}/expr`, 'schedule.every_too_long'],
    [pipeline('a', { schedule: { kind: 'every', expr: 'often' } }), `${at}/expr`, 'schedule.every_invalid'],
    [pipeline('a', { schedule: { kind: 'on-event', expr: 'x' } }), `${at}/expr`, 'schedule.event_invalid'],
    [pipeline('a', { schedule: { kind: 'hourly', expr: 'x' } }), `${at}/kind`, 'schedule.kind_unknown'],
    [pipeline('a', { schedule: { kind: 'every', expr: '1h', x: 1 } }), `${at}/x`, 'schedule.invalid'],
    [pipeline('a', { schedule: {} }), at, 'schedule.missing'],
    [pipeline('a', { schedule: null }), at, 'schedule.missing'],
  ];
  for (const [draft, path, code] of expected) expect(check([draft])).toEqual([[path, code]]);
  for (const expr of ['@daily', '*/5 * * * * *', '0 9 * * MON-FRI', '0 0 29 2 *'])
    expect(check([cron(expr)])).toEqual([]);
});

test('[AP2] what a pipeline waits for exists, is on, and does not wait for it', () => {
  const after = (id: string, target: string, enabled = true) =>
    pipeline(id, { enabled, schedule: { kind: 'on-event', expr: `pipeline.finished:${target}` } });
  const expr = (id: string) => `/pipelines/${id}/schedule/expr`;
  expect(check([after('a', 'gone')])).toEqual([[expr('a'), 'schedule.reference_unknown']]);
  expect(check([after('a', 'a')])).toEqual([[expr('a'), 'schedule.cycle']]);
  expect(check([after('a', 'b'), after('b', 'c'), after('c', 'b')])).toEqual([
    [expr('b'), 'schedule.cycle'],
    [expr('c'), 'schedule.cycle'],
  ]);
  const off = validateConfig({
    pipelines: [after('a', 'b'), pipeline('b', { enabled: false })],
    variables: [],
  });
  expect(off.issues.map(({ code, severity }) => [code, severity])).toEqual([
    ['schedule.reference_disabled', 'warning'],
  ]);
  expect(off.config).toBeDefined();
});

test('[AP2] variables: undefined ones are errors where they are used, unused ones are warnings', () => {
  const uses = pipeline('a', {
    source: { kind: 'http-json', ref: 'https://${HOST}/x' },
    transforms: [{ key: key(), kind: 'filter', body: 'amount > ${min}', inputs: [] }],
  });
  expect(check([uses], [variable('HOST'), variable('SPARE')])).toEqual([
    ['/pipelines/a/transforms/0/body', 'variable.undefined'],
    ['/variables/SPARE', 'variable.unused'],
  ]);
  expect(check([], [variable('lower')])).toContainEqual(['/variables/lower/name', 'variable.name.invalid']);
  expect(check([], [variable(null)])[0]?.[1]).toBe('variable.name.missing');
});

test('[AP2] ids, keys and names are the only ones of their kind; the keys tell equal ids apart', () => {
  const [first, second] = [pipeline('a'), pipeline('a')];
  expect(check([first, second])).toEqual([
    [`/pipelines/${first.key}/id`, 'id.duplicate'],
    [`/pipelines/${second.key}/id`, 'id.duplicate'],
  ]);
  expect(check([first, { ...second, id: 'b', key: first.key }]).map(([, code]) => code)).toEqual([
    'key.duplicate',
    'key.duplicate',
  ]);
  const transform = { key: key(), kind: 'polars', body: 'x', inputs: [] };
  const shared = [pipeline('a', { transforms: [transform] }), pipeline('b', { transforms: [transform] })];
  expect(check(shared)).toEqual([['/pipelines/b/transforms/0/key', 'transforms.key_duplicate']]);
  const named = check(
    [pipeline('a', { source: { kind: 'x', ref: '${A}' } })],
    [variable('A'), variable('A')],
  );
  expect(named.map(([, code]) => code)).toEqual(['variable.duplicate', 'variable.duplicate']);
});

test('[AP2] placement, partition and transforms have to make sense', () => {
  const wrong = pipeline('a', {
    placement: { kind: 'node' },
    destination: { table: 'a', partition_by: 'day' },
    schema: { amount: { type: 'int64' } },
    transforms: [
      { key: key(), kind: 'filter', body: ' ', inputs: [] },
      { key: key(), kind: 'select', body: '', inputs: ['amount'] },
      { key: key(), kind: 'select', body: '', inputs: [] },
    ],
  });
  expect(check([wrong])).toEqual([
    ['/pipelines/a/placement/target', 'placement.target_missing'],
    ['/pipelines/a/destination/partition_by', 'destination.partition_unknown'],
    ['/pipelines/a/transforms/0/body', 'transforms.body_empty'],
    ['/pipelines/a/transforms/2/inputs', 'transforms.select_empty'],
  ]);
});

test('[AP2] everything that is wrong is said at once, at its place', () => {
  const wrong = pipeline('Not An Id', {
    source: { kind: 'csv-file' },
    destination: null,
    enabled: 'yes',
    tags: 'x',
    schema: { a: { type: 3 }, b: 'int64' },
    schedule: { kind: 'cron', expr: 'x' },
  });
  const at = '/pipelines/Not An Id';
  expect(check([wrong, pipeline('ok')])).toEqual([
    [`${at}/id`, 'id.invalid'],
    [`${at}/tags`, 'tags.invalid'],
    [`${at}/enabled`, 'enabled.invalid'],
    [`${at}/source/ref`, 'source.invalid'],
    [`${at}/destination`, 'destination.missing'],
    [`${at}/schema/a/type`, 'schema.invalid'],
    [`${at}/schema/b`, 'schema.invalid'],
    [`${at}/schedule/expr`, 'schedule.cron_invalid'],
  ]);
});

test('[AP2] any JSON in any field is judged: valid, or refused with an error', () => {
  fc.assert(
    fc.property(fc.array(anyDraft, { maxLength: 4 }), fc.array(fc.jsonValue()), (pipelines, values) => {
      const variables = values.map((value) => ({ key: key(), name: value, value, comment: value }));
      const { config, issues } = validateConfig({ pipelines, variables });
      const hasError = issues.some(({ severity }) => severity === 'error');
      expect(config === undefined).toBe(hasError);
      for (const { path, code, message } of issues) {
        expect(path).toMatch(/^\/(pipelines|variables)\//);
        expect(code).toMatch(/^[a-z]+(\.[a-z_]+)+$/);
        expect(message).toEndWith('.');
      }
    }),
    { numRuns: 500 },
  );
});

test('[AP8] 10,000 pipelines are validated in about a second, one in milliseconds', () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    pipeline(`p-${index}`, {
      schedule: {
        kind: 'cron',
        expr: `${index % 60} ${index % 24} ${(index % 28) + 1} * *`,
        timezone: 'Asia/Tokyo',
      },
      transforms: Array.from({ length: 5 }, () => ({
        key: key(),
        kind: 'filter',
        body: 'a > 1',
        inputs: ['a'],
      })),
    }),
  );
  const elapsedMs = (pipelines: PipelineDraft[]) => {
    const startMs = cpuMs();
    expect(validateConfig({ pipelines, variables: [] }).config).toBeDefined();
    return cpuMs() - startMs;
  };
  elapsedMs(many.slice(0, 100));
  const singles = Array.from({ length: 20 }, () => elapsedMs(many.slice(0, 1))).sort((a, b) => a - b);
  expect(singles[10]).toBeLessThan(5);
  // Bounds with room for a busy machine; the figure itself is in bench/.
  expect(elapsedMs(many)).toBeLessThan(6000);
});
