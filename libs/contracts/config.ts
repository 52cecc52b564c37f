// Pipeline configuration in its two forms. A draft is what the document holds: anything people have typed so far. A
// manifest is what validation let through: the only form that leaves an Apply. Field order here is the canonical order.
import { type Static, Type } from '@sinclair/typebox';
import { DocId, HumanId, Key } from './names.ts';
import { Scope } from './scope.ts';

const text = (limit: number) => Type.String({ maxLength: limit });

/** The document that a pipeline or a variable of a manifest belongs to; absent is `main`, in the bytes too. */
const OwnDocument = Type.Optional(DocId);

export const SourceConfig = Type.Object(
  { kind: Type.String({ minLength: 1, maxLength: 60 }), ref: Type.String({ minLength: 1, maxLength: 2000 }) },
  { additionalProperties: Type.Union([Type.String(), Type.Number(), Type.Boolean()]) },
);

export const DestinationConfig = Type.Object(
  {
    table: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.]{0,199}$' }),
    partition_by: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);

export const ScheduleConfig = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('cron'),
      expr: Type.String({ minLength: 1, maxLength: 200 }),
      timezone: Type.Optional(
        Type.String({ minLength: 1, maxLength: 60, description: 'IANA name; UTC when absent' }),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('every'),
      expr: Type.String({ pattern: '^[0-9]+(ms|s|m|h|d)$', description: 'such as 15m' }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('on-event'),
      expr: Type.String({ description: '`manifest.applied` or `pipeline.finished:<id>`' }),
    },
    { additionalProperties: false },
  ),
]);

export const PlacementConfig = Type.Object(
  {
    kind: Type.Union([Type.Literal('auto'), Type.Literal('node'), Type.Literal('label')]),
    target: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'a pool, a node name or a label such as any-mac',
      }),
    ),
  },
  { additionalProperties: false },
);

export const TRANSFORM_KINDS = ['filter', 'select', 'polars', 'wasm'] as const;

export const TransformConfig = Type.Object(
  {
    key: Key,
    kind: Type.Union(TRANSFORM_KINDS.map((kind) => Type.Literal(kind))),
    body: text(64 * 1024),
    inputs: Type.Array(text(200), { maxItems: 1000 }),
  },
  { additionalProperties: false },
);

export const ColumnConfig = Type.Object(
  { type: Type.String({ minLength: 1, maxLength: 60 }), nullable: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

export const PipelineConfig = Type.Object(
  {
    key: Key,
    id: HumanId,
    name: text(200),
    description: text(10_000),
    tags: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 }),
    group: Type.String({
      maxLength: 500,
      description: 'path of names with "/" between them; "" is the root',
    }),
    doc: OwnDocument,
    enabled: Type.Boolean(),
    source: SourceConfig,
    destination: DestinationConfig,
    schedule: ScheduleConfig,
    placement: PlacementConfig,
    transforms: Type.Array(TransformConfig, { maxItems: 500 }),
    schema: Type.Record(Type.String({ minLength: 1, maxLength: 200 }), ColumnConfig),
  },
  { additionalProperties: false },
);

export const VariableConfig = Type.Object(
  {
    key: Key,
    name: Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,99}$' }),
    doc: OwnDocument,
    value: text(10_000),
    comment: text(2_000),
  },
  { additionalProperties: false },
);

/** How source, destination and transform bodies refer to a variable: `${NAME}`. Any case is found, so a wrong one is reported. */
export const VARIABLE_REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** How the same texts, and values of variables, refer to a secret: `${secret:NAME}`. Nodes alone know its value. */
export const SECRET_REFERENCE = /\$\{secret:([A-Z][A-Z0-9_]{0,99})\}/g;
export const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,99}$/;

export const ManifestConfig = Type.Object(
  { pipelines: Type.Array(PipelineConfig), variables: Type.Array(VariableConfig) },
  { additionalProperties: false },
);

export type SourceConfig = Static<typeof SourceConfig>;
export type ScheduleConfig = Static<typeof ScheduleConfig>;
export type PlacementConfig = Static<typeof PlacementConfig>;
export type TransformConfig = Static<typeof TransformConfig>;
export type PipelineConfig = Static<typeof PipelineConfig>;
export type VariableConfig = Static<typeof VariableConfig>;
export type ManifestConfig = Static<typeof ManifestConfig>;

// Drafts. Every field of a pipeline is there, of whatever JSON type somebody (or some program) wrote into it: `key` alone
// is certain. Validation, in libs/manifest, is what turns a draft into a PipelineConfig.
const Anything = Type.Unknown();
export const PipelineDraft = Type.Object({
  key: Type.String(),
  id: Anything,
  name: Anything,
  description: Anything,
  tags: Anything,
  group: Anything,
  doc: Type.Optional(Anything),
  enabled: Anything,
  source: Anything,
  destination: Anything,
  schedule: Anything,
  placement: Anything,
  transforms: Anything,
  schema: Anything,
});
export const VariableDraft = Type.Object({
  key: Type.String(),
  name: Anything,
  doc: Type.Optional(Anything),
  value: Anything,
  comment: Anything,
});
export const ConfigDraft = Type.Object({
  pipelines: Type.Array(PipelineDraft),
  variables: Type.Array(VariableDraft),
});
export type PipelineDraft = Static<typeof PipelineDraft>;
export type VariableDraft = Static<typeof VariableDraft>;
export type ConfigDraft = Static<typeof ConfigDraft>;

/** What would do: a value in place of the one that is there, or the smallest scope that carries what is missing. */
export const IssueSuggestion = Type.Object({
  value: Type.Optional(Type.String()),
  scope: Type.Optional(Scope),
});

/** One thing wrong with a draft. `path` is a JSON pointer that starts with the pipeline's id or key: `/pipelines/gh-issues/schedule/expr`. */
export const ConfigIssue = Type.Object({
  path: Type.String(),
  code: Type.String({ description: 'stable, such as schedule.cron_invalid' }),
  message: Type.String({ description: 'one sentence that says what to do' }),
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
  suggestion: Type.Optional(IssueSuggestion),
});
export type ConfigIssue = Static<typeof ConfigIssue>;
