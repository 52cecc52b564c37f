// What happens to rows on their way: keep those an expression is true for, keep some of their columns. Expressions are
// compiled by filtrex: arithmetic, comparison and logic over columns, with no access to anything else.
import { isRecord, type Json } from '@hakiri/base/json';
import type { TransformConfig } from '@hakiri/contracts/config';
import { compileExpression } from 'filtrex';
import type { Row } from './rows.ts';
import { StepError } from './step-error.ts';

export type Transform = (rows: AsyncIterable<Row>) => AsyncGenerator<Row>;

/** @throws StepError at once when the transform cannot be carried out here. */
export function compileTransform(transform: TransformConfig): Transform {
  switch (transform.kind) {
    case 'filter':
      return filter(transform.body);
    case 'select':
      return select(transform.inputs);
    case 'polars':
    case 'wasm':
      throw new StepError(
        `This node does not carry out ${transform.kind} transforms. Place the pipeline on a node that does.`,
      );
  }
}

function filter(expression: string): Transform {
  const unseen = new Set<string>();
  const seen = new Set<string>();
  const keeps = compiled(expression, (row, name) => {
    const value = columnOf(row, name);
    if (value === undefined) unseen.add(name);
    else seen.add(name);
    return value ?? null;
  });
  return async function* filtered(rows) {
    let number = 0;
    for await (const row of rows) {
      number += 1;
      if (keeps(row, number)) yield row;
    }
    // A row may lack a column; that all of them do is a misspelt name.
    const missing = [...unseen].find((name) => !seen.has(name));
    if (missing !== undefined)
      throw new StepError(`No row has the column ${missing} that the filter asks for.`);
  };
}

function compiled(
  expression: string,
  lookUp: (row: Row, name: string) => Json,
): (row: Row, number: number) => boolean {
  let evaluate: (row: Row) => unknown;
  try {
    evaluate = compileExpression(expression, {
      customProp: (name: string, _get: unknown, row: Row) => lookUp(row, name),
      constants: { true: true, false: false },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new StepError(`The filter is not an expression: ${reason}`);
  }
  return (row, number) => {
    const value = evaluate(row);
    if (value instanceof Error) throw new StepError(`Row ${number}: ${value.message}`);
    return Boolean(value);
  };
}

/** `a.b` is the column of that name, else the field `b` inside the column `a`. */
function columnOf(row: Row, name: string): Json | undefined {
  if (Object.hasOwn(row, name)) return row[name];
  let value: unknown = row;
  for (const part of name.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return isScalar(value) ? value : null;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function select(columns: readonly string[]): Transform {
  return async function* selected(rows) {
    const seen = new Set<string>();
    let number = 0;
    for await (const row of rows) {
      number += 1;
      const entries = columns.map((name) => {
        const value = columnOf(row, name);
        if (value !== undefined) seen.add(name);
        return [name, value ?? null] as const;
      });
      yield Object.fromEntries(entries);
    }
    const missing = columns.find((name) => !seen.has(name));
    if (number > 0 && missing !== undefined)
      throw new StepError(`No row has the column ${missing} that the select asks for.`);
  };
}
