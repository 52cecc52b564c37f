// Texts of a CSV file as values. A column that the pipeline's schema names gets its type; any other becomes a number only when
// nothing of its text is lost by that ("7" does, "007" does not). Pure.

import type { Json } from '@hakiri/base/json';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { StepError } from './step-error.ts';

type Schema = PipelineConfig['schema'];
type Convert = (text: string, at: () => string) => Json;

const NUMBER =
  /^(u?int(8|16|32|64)?|integer|bigint|float(32|64)?|double|real|number|numeric|decimal(\(.*\))?)$/i;
const BOOLEAN = /^bool(ean)?$/i;
const TRUE = /^(true|t|yes|1)$/i;
const FALSE = /^(false|f|no|0)$/i;

/** How to read the column `name`. @throws StepError (when called) on a text that does not fit. */
export function converterOf(schema: Schema, name: string): Convert {
  const column = Object.hasOwn(schema, name) ? schema[name] : undefined;
  if (column === undefined) return (text) => lossless(text);
  const convert = NUMBER.test(column.type) ? toNumber : BOOLEAN.test(column.type) ? toBoolean : undefined;
  if (convert === undefined) return (text) => (text === '' && column.nullable === true ? null : text);
  return (text, at) => {
    if (text.trim() !== '') return convert(text.trim(), at);
    if (column.nullable === false) throw new StepError(`${at()} is empty, and the schema says it never is.`);
    return null;
  };
}

function lossless(text: string): Json {
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && String(number) === text ? number : text;
}

function toNumber(text: string, at: () => string): Json {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new StepError(`${at()} is "${text}", which is no number.`);
  // An integer that JavaScript cannot hold exactly stays the text it was.
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

function toBoolean(text: string, at: () => string): Json {
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  throw new StepError(`${at()} is "${text}", which is neither true nor false.`);
}
