// How the OpenAPI description says what a route answers.
import { Problem } from '@hakiri/contracts/problem';
import type { TSchema } from '@sinclair/typebox';

type Content = Record<string, { schema: TSchema }>;
type Answers = Record<string, { description: string; content?: Content }>;

const PROBLEM = {
  description: 'What went wrong and what to do',
  content: { 'application/problem+json': { schema: Problem } },
};

/** `asked` is what it answers instead when `Accept` says so. */
export function jsonAnswer(schema: TSchema, others: Answers = {}, asked: Content = {}): Answers {
  return {
    200: { description: 'Done', content: { 'application/json': { schema }, ...asked } },
    ...others,
    default: PROBLEM,
  };
}

export function textAnswer(type: string, schema: TSchema, others: Answers = {}): Answers {
  return {
    200: { description: 'Done', content: { [type]: { schema } } },
    ...others,
    default: PROBLEM,
  };
}
