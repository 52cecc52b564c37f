// Pipeline configuration in its two forms. A draft is what the document holds: anything people have typed so far. A
// manifest is what validation let through: the only form that leaves an Apply. Field order here is the canonical order.
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { DocId, HumanId, Key } from './names.ts';
import { Scope } from './scope.ts';

const text = (limit: number, description: string) => Type.String({ maxLength: limit, description });
const described = <Schema extends TSchema>(schema: Schema, description: string): Schema => ({
  ...schema,
  description,
});

/** The document that a pipeline or a variable of a manifest belongs to; absent is `main`, in the bytes too. */
const OwnDocument = Type.Optional(
  described(DocId, 'The document of the team that this belongs to; left out it is `main`.'),
);

export const SourceConfig = Type.Object(
  {
    kind: Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'What reads it, such as `csv-file`, `json-file` or `http-json`.',
    }),
    ref: Type.String({
      minLength: 1,
      maxLength: 2000,
      description: 'What to read: a path or an address. `${NAME}` is a variable, `${secret:NAME}` a secret.',
    }),
  },
  {
    additionalProperties: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
    description: 'Where the rows come from. Further fields are options of its kind.',
  },
);

export const DestinationConfig = Type.Object(
  {
    table: Type.String({
      pattern: '^[A-Za-z_][A-Za-z0-9_.]{0,199}$',
      description: 'The table, with its schema in front if it has one: `shop.orders`.',
    }),
    partition_by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'The column that rows are partitioned by; one of `schema` when there is one.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Where the rows go.' },
);

export const ScheduleConfig = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('cron', { description: 'By the clock.' }),
        expr: Type.String({
          minLength: 1,
          maxLength: 200,
          description:
            'minute hour day month weekday, such as `*/15 * * * *`; six fields have seconds first.',
        }),
        timezone: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 60,
            description: 'IANA name such as `Europe/Berlin`; UTC when left out.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        kind: Type.Literal('every', { description: 'At whole multiples of an interval.' }),
        expr: Type.String({
          pattern: '^[0-9]+(ms|s|m|h|d)$',
          description: 'A whole number and ms, s, m, h or d, such as `15m`; 1s to 366d.',
        }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        kind: Type.Literal('on-event', { description: 'When something happened.' }),
        expr: Type.String({ description: '`manifest.applied` or `pipeline.finished:<id>`.' }),
      },
      { additionalProperties: false },
    ),
  ],
  { description: 'When it runs.' },
);

/** Of an `auto` placement without a target. */
export const DEFAULT_POOL = 'default';
export const PlacementConfig = Type.Object(
  {
    kind: Type.Union([Type.Literal('auto'), Type.Literal('node'), Type.Literal('label')], {
      description: '`auto` is a node of a pool, `node` one by its name, `label` one that carries the label.',
    }),
    target: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'The pool, the node or the label, such as `any-mac`.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Who runs it; any node of the default pool when left out.' },
);

export const TRANSFORM_KINDS = ['filter', 'select', 'polars', 'wasm'] as const;

export const TransformConfig = Type.Object(
  {
    key: described(Key, 'A ULID that stays through every change; left out of a file, the import gives one.'),
    kind: Type.Union(
      TRANSFORM_KINDS.map((kind) => Type.Literal(kind)),
      { description: 'What the body is.' },
    ),
    body: text(64 * 1024, 'The expression or program; a `select` may do with its inputs.'),
    inputs: Type.Array(text(200, 'A column.'), { maxItems: 1000, description: 'The columns that it reads.' }),
  },
  { additionalProperties: false },
);

export const ColumnConfig = Type.Object(
  {
    type: Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'Such as `int64`, `utf8` or `timestamp`.',
    }),
    nullable: Type.Optional(Type.Boolean({ description: 'Whether it may be empty.' })),
  },
  { additionalProperties: false, description: 'One column.' },
);

export const PipelineConfig = Type.Object(
  {
    key: described(Key, 'A ULID that stays through every change; left out of a file, the import gives one.'),
    id: described(HumanId, 'The name that people and other pipelines use; the only one in the team.'),
    name: text(200, 'What lists show; the id when left out.'),
    description: text(10_000, 'What it is for.'),
    tags: Type.Array(Type.String({ minLength: 1, maxLength: 100, description: 'A tag.' }), {
      maxItems: 100,
      description: 'Words to find it by; in no order.',
    }),
    group: Type.String({
      maxLength: 500,
      description: 'Path of names with "/" between them, such as `finance/daily`; "" is the root.',
    }),
    doc: OwnDocument,
    enabled: Type.Boolean({ description: 'Whether its schedule fires; true when left out.' }),
    source: SourceConfig,
    destination: DestinationConfig,
    schedule: ScheduleConfig,
    placement: PlacementConfig,
    transforms: Type.Array(TransformConfig, {
      maxItems: 500,
      description: 'What happens to the rows, in order.',
    }),
    schema: Type.Record(Type.String({ minLength: 1, maxLength: 200 }), ColumnConfig, {
      description: 'The columns of the result by name; left out, whatever comes is taken.',
    }),
  },
  { additionalProperties: false },
);

export const VariableConfig = Type.Object(
  {
    key: described(Key, 'A ULID that stays through every change; left out of a file, the import gives one.'),
    name: Type.String({
      pattern: '^[A-Z][A-Z0-9_]{0,99}$',
      description: 'What `${NAME}` in sources, destinations and bodies stands for.',
    }),
    doc: OwnDocument,
    value: text(10_000, 'What is put there. No secret: refer to one as `${secret:NAME}`.'),
    comment: text(2_000, 'What it is for.'),
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
