// Puts the values of variables where source, destination and transform bodies refer to them. Pure.
import { type PipelineConfig, VARIABLE_REFERENCE } from '@hakiri/contracts/config';
import { StepError } from './step-error.ts';

type Variables = Readonly<Record<string, string>>;

/** @throws StepError when a variable is not there. A value is put in as it is: references inside it stay. */
export function withVariables(pipeline: PipelineConfig, variables: Variables): PipelineConfig {
  const { source, destination, transforms } = pipeline;
  return {
    ...pipeline,
    source: {
      ...source,
      ...replacedIn(source, variables),
      kind: source.kind,
      ref: replaced(source.ref, variables),
    },
    destination: {
      table: replaced(destination.table, variables),
      ...(destination.partition_by === undefined
        ? {}
        : { partition_by: replaced(destination.partition_by, variables) }),
    },
    transforms: transforms.map((transform) => ({ ...transform, body: replaced(transform.body, variables) })),
  };
}

function replacedIn<Value>(
  record: Readonly<Record<string, Value>>,
  variables: Variables,
): Record<string, Value | string> {
  const entries = Object.entries(record).map(([key, value]) => [
    key,
    typeof value === 'string' ? replaced(value, variables) : value,
  ]);
  return Object.fromEntries(entries);
}

function replaced(text: string, variables: Variables): string {
  const [, secret] = /\$\{secret:([^}]*)\}/.exec(text) ?? [];
  if (secret !== undefined)
    throw new StepError(`This node keeps no secrets: place the pipeline on one that knows ${secret}.`);
  return text.replace(VARIABLE_REFERENCE, (_, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value !== undefined) return value;
    throw new StepError(`The variable ${name} is not defined: define it and apply again.`);
  });
}
