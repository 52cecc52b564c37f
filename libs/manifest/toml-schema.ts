// The JSON Schema of a `hakiri.toml`, for editors and for whoever writes one: the contract, with keys and defaults left out. In
// words that every draft from 6 on knows, as editors lag behind: Taplo, for one, completes from `enum` and not from `const`.
import { isRecord } from '@hakiri/base/json';
import { ColumnConfig, PipelineConfig, TransformConfig, VariableConfig } from '@hakiri/contracts/config';
import { type TSchema, Type } from '@sinclair/typebox';
import { MANIFEST_FORMAT } from './format.ts';

/** Grows with each change that could refuse a file which was right before. */
export const SCHEMA_VERSION = 1;
/** A name, not an address: every server has the schema at `/v1/manifest/schema/<version>.json`. */
export const SCHEMA_ID = `urn:hakiri:schema:hakiri-toml:${SCHEMA_VERSION}`;

const closed = { additionalProperties: false };

export function hakiriTomlSchema(): Record<string, unknown> {
  const plain = inPlainWords(fileSchema());
  return isRecord(plain)
    ? { $schema: 'http://json-schema.org/draft-07/schema#', $id: SCHEMA_ID, ...plain }
    : {};
}

function fileSchema(): TSchema {
  const transform = Type.Object(
    {
      ...TransformConfig.properties,
      key: Type.Optional(TransformConfig.properties.key),
      body: Type.Optional(TransformConfig.properties.body),
      inputs: Type.Optional(TransformConfig.properties.inputs),
    },
    { ...closed, description: 'One step; they follow each other.' },
  );
  const { id, source, destination, schedule, schema, transforms, ...optional } = PipelineConfig.properties;
  const column = Type.Union([
    ColumnConfig,
    Type.String({ minLength: 1, maxLength: 60, description: 'The type alone.' }),
  ]);
  const pipeline = Type.Object(
    {
      ...Type.Partial(Type.Object(optional)).properties,
      id,
      source,
      destination,
      schedule,
      transforms: Type.Optional(
        Type.Array(transform, { maxItems: 500, description: transforms.description ?? '' }),
      ),
      schema: Type.Optional(
        Type.Record(Type.String({ minLength: 1, maxLength: 200 }), column, {
          description: schema.description ?? '',
        }),
      ),
    },
    {
      ...closed,
      description: 'One pipeline: where rows come from, what happens to them, where they go, when.',
    },
  );
  const variable = Type.Object(
    { ...Type.Partial(VariableConfig).properties, name: VariableConfig.properties.name },
    { ...closed, description: 'One value that several pipelines share.' },
  );
  return Type.Object(
    {
      format: Type.Optional(
        Type.Literal(MANIFEST_FORMAT, { description: 'The format of this file; the newest when left out.' }),
      ),
      pipeline: Type.Optional(Type.Array(pipeline, { description: 'Each begins with `[[pipeline]]`.' })),
      variable: Type.Optional(Type.Array(variable, { description: 'Each begins with `[[variable]]`.' })),
    },
    { ...closed, title: 'hakiri.toml', description: 'Pipelines and variables of a team, as a file.' },
  );
}

/** `const` becomes `enum`, and a choice between single values becomes one `enum`. */
function inPlainWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inPlainWords);
  if (!isRecord(schema)) return schema;
  const { const: only, anyOf, ...others } = schema;
  const rest = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, inPlainWords(value)]));
  if (only !== undefined) return { ...rest, enum: [only] };
  if (!Array.isArray(anyOf)) return rest;
  const values = anyOf.map((choice) => (isRecord(choice) ? choice.const : undefined));
  if (values.every((value) => typeof value === 'string')) return { ...rest, type: 'string', enum: values };
  return { ...rest, anyOf: anyOf.map(inPlainWords) };
}
