// The JSON Schema of a `hakiri.toml`, for editors and for whoever writes one: the contract, with keys and defaults left out.
import { ColumnConfig, PipelineConfig, TransformConfig, VariableConfig } from '@hakiri/contracts/config';
import { type TSchema, Type } from '@sinclair/typebox';
import { MANIFEST_FORMAT } from './format.ts';

const closed = { additionalProperties: false };

export function hakiriTomlSchema(): TSchema {
  const transform = Type.Object(
    {
      ...TransformConfig.properties,
      key: Type.Optional(TransformConfig.properties.key),
      body: Type.Optional(TransformConfig.properties.body),
      inputs: Type.Optional(TransformConfig.properties.inputs),
    },
    closed,
  );
  const {
    id,
    source,
    destination,
    schedule,
    schema: _schema,
    transforms: _transforms,
    ...optional
  } = PipelineConfig.properties;
  const column = Type.Union([ColumnConfig, Type.String({ minLength: 1, maxLength: 60 })]);
  const pipeline = Type.Object(
    {
      ...Type.Partial(Type.Object(optional)).properties,
      id,
      source,
      destination,
      schedule,
      transforms: Type.Optional(Type.Array(transform, { maxItems: 500 })),
      schema: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 200 }), column)),
    },
    closed,
  );
  const variable = Type.Object(
    {
      ...Type.Partial(VariableConfig).properties,
      name: VariableConfig.properties.name,
    },
    closed,
  );
  return Type.Object(
    {
      format: Type.Optional(Type.Literal(MANIFEST_FORMAT)),
      pipeline: Type.Optional(Type.Array(pipeline)),
      variable: Type.Optional(Type.Array(variable)),
    },
    { ...closed, $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'hakiri.toml' },
  );
}
