// A schema as a check that is compiled on first use. A page whose content policy forbids compiling gets the slower, same answer.
import type { Static, TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { Errors } from '@sinclair/typebox/errors';
import { Check } from '@sinclair/typebox/value';

type Fault = { path: string; message: string };
export type Checker<T extends TSchema> = {
  accepts(value: unknown): value is Static<T>;
  /** One a place, the first that was found there. */
  faults(value: unknown): Fault[];
};

const FAULTS_LIMIT = 100;

export function checker<T extends TSchema>(schema: T): Checker<T> {
  let compiled: TypeCheck<T> | 'forbidden' | undefined;
  const check = (): TypeCheck<T> | 'forbidden' => {
    compiled ??= compile(schema);
    return compiled;
  };
  return {
    accepts: (value): value is Static<T> => {
      const compiledCheck = check();
      return compiledCheck === 'forbidden' ? Check(schema, value) : compiledCheck.Check(value);
    },
    faults: (value) => {
      const compiledCheck = check();
      const errors = compiledCheck === 'forbidden' ? Errors(schema, value) : compiledCheck.Errors(value);
      const faults = new Map<string, Fault>();
      for (const { path, message } of errors) {
        if (!faults.has(path)) faults.set(path, { path, message });
        if (faults.size === FAULTS_LIMIT) break;
      }
      return [...faults.values()];
    },
  };
}

function compile<T extends TSchema>(schema: T): TypeCheck<T> | 'forbidden' {
  try {
    return TypeCompiler.Compile(schema);
  } catch (error) {
    if (error instanceof EvalError) return 'forbidden';
    throw error;
  }
}
