// How long, and how often, a request is tried that nobody answers for.
import { type Problem, type ProblemCode, problem } from '@hakiri/contracts/problem';

export type Patience = { retryFirstMs: number; retryLimitMs: number; giveUpAfterMs: number };

/** Doubles from `retryFirstMs` with every attempt, up to `retryLimitMs`. */
export function backoffMs(attempt: number, patience: Patience): number {
  const doublings = Math.min(Math.max(attempt, 1) - 1, 30);
  return Math.min(patience.retryFirstMs * 2 ** doublings, patience.retryLimitMs);
}

/** `who` did not answer; undefined where nobody knows what failed. */
export function givingUp(who: string | undefined): Problem {
  const code: ProblemCode = who !== undefined ? 'unavailable' : 'internal';
  const why = who !== undefined ? `The ${who} did not answer` : 'Applying failed again and again';
  const detail = `${why}, and the request became too old. Nothing was published: apply again later, with a new idempotency key.`;
  return { ...problem(code, detail), final: true };
}
