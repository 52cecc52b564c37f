// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
// Arbitrary configurations for property tests: valid ones with texts as wild as people's, and drafts of any JSON.
import {
  type ManifestConfig,
  PipelineConfig,
  type PipelineDraft,
  TRANSFORM_KINDS,
  type TransformConfig,
  type VariableConfig,
} from '@hakiri/contracts/config';
import fc from 'fast-check';

const ULID_CHARS = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];

export const anyKey = fc.string({ unit: fc.constantFrom(...ULID_CHARS), minLength: 26, maxLength: 26 });
export const anyHumanId = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,20}$/);

/** With quotes, control characters, line ends, any script. */
export const anyText = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength }),
    fc.string({
      unit: fc.constantFrom('"', "'", '\\', '\n', '\r', '\t', '\0', '\u007f', '${A}', 'ü', '😀', ' ', '#'),
      maxLength: Math.floor(maxLength / 4),
    }),
  );

/** Names that may stand as keys of records. */
export const anyName = anyText(20).filter((name) => name !== '' && name !== '__proto__');

const option = fc.oneof(
  anyText(20),
  fc.boolean(),
  fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  fc.integer(),
);

const anySource = fc
  .record({
    kind: fc.constantFrom('csv-file', 'http-json'),
    ref: fc.string({ minLength: 1, maxLength: 40 }),
    options: fc.dictionary(
      anyName.filter((name) => name !== 'kind' && name !== 'ref'),
      option,
      { maxKeys: 3 },
    ),
  })
  .map(({ kind, ref, options }) => ({ ...options, kind, ref }));

const anyDestination = fc.record(
  { table: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,20}$/), partition_by: fc.constant('day') },
  { requiredKeys: ['table'] },
);

const anySchedule = fc.oneof(
  fc.record({ kind: fc.constant('cron' as const), expr: fc.constantFrom('*/15 * * * *', '0 9 * * MON-FRI') }),
  fc.record({
    kind: fc.constant('cron' as const),
    expr: fc.constant('30 2 * * *'),
    timezone: fc.constantFrom('Europe/Berlin', 'America/New_York'),
  }),
  fc.record({ kind: fc.constant('every' as const), expr: fc.constantFrom('2s', '15m', '1d') }),
  fc.record({ kind: fc.constant('on-event' as const), expr: fc.constant('manifest.applied') }),
);

const anyPlacement = fc.oneof(
  fc.constant({ kind: 'auto' as const }),
  fc.record({
    kind: fc.constantFrom('node' as const, 'label' as const),
    target: fc.constantFrom('mbp-alice', 'any-mac'),
  }),
);

export const anyTransform: fc.Arbitrary<TransformConfig> = fc.record({
  key: anyKey,
  kind: fc.constantFrom(...TRANSFORM_KINDS),
  body: anyText(60).map((text) => `a${text}`),
  inputs: fc.array(anyText(10), { maxLength: 3 }),
});

const anyColumn = fc.record(
  { type: fc.constantFrom('int64', 'utf8'), nullable: fc.boolean() },
  { requiredKeys: ['type'] },
);

export const anyPipeline: fc.Arbitrary<PipelineConfig> = fc.record({
  key: anyKey,
  id: anyHumanId,
  name: anyText(30).map((text) => `n${text}`),
  description: anyText(60),
  tags: fc.uniqueArray(anyName, { maxLength: 4 }),
  group: fc.array(fc.constantFrom('finance', 'ops', 'ü'), { maxLength: 3 }).map((names) => names.join('/')),
  enabled: fc.boolean(),
  source: anySource,
  destination: anyDestination,
  schedule: anySchedule,
  placement: anyPlacement,
  transforms: fc.uniqueArray(anyTransform, { selector: ({ key }) => key, maxLength: 4 }),
  schema: fc.dictionary(anyName, anyColumn, { maxKeys: 4 }).map((columns) => ({
    ...columns,
    ...(Object.keys(columns).length > 0 ? { day: { type: 'utf8' } } : {}),
  })),
});

export const anyVariable: fc.Arbitrary<VariableConfig> = fc.record({
  key: anyKey,
  name: fc.stringMatching(/^[B-Z][A-Z0-9_]{0,10}$/),
  value: anyText(40),
  comment: anyText(40),
});

/** Valid: ids, names and keys are distinct, and `${A}` is defined. */
export const anyManifest: fc.Arbitrary<ManifestConfig> = fc
  .record({
    pipelines: fc.uniqueArray(anyPipeline, { selector: ({ id }) => id, maxLength: 5 }),
    variables: fc.uniqueArray(anyVariable, { selector: ({ name }) => name, maxLength: 3 }),
    a: anyVariable,
  })
  .map(({ pipelines, variables, a }) => ({ pipelines, variables: [...variables, { ...a, name: 'A' }] }));

/** What somebody may have typed or a program may have sent: any JSON in any field. */
export const anyDraft: fc.Arbitrary<PipelineDraft> = fc
  .tuple(anyPipeline, fc.dictionary(fc.constantFrom(...draftFields()), fc.jsonValue()))
  .map(([pipeline, garbage]) => ({ ...pipeline, ...garbage }));

function draftFields(): string[] {
  return Object.keys(PipelineConfig.properties).filter((field) => field !== 'key');
}
