// An Apply whose answer never came may have been published all the same: what became of it is asked by its key, and makes nothing.
import type { Client } from '@hakiri/client/client';
import { ApiProblem, UnexpectedAnswer, Unreachable } from '@hakiri/client/errors';
import { changes as changesWords } from '../strings/en-changes.ts';
import type { ApplyState, Look } from './apply-state.ts';

const FAULT = 500;

/** Nobody said what became of it. What is `final` is told again and again under the same key. */
export function isUnanswered(failure: unknown): boolean {
  if (failure instanceof ApiProblem) return failure.problem.status >= FAULT && !failure.problem.final;
  return failure instanceof Unreachable || failure instanceof UnexpectedAnswer;
}

export async function whatBecameOf(
  requests: Pick<Client['requests'], 'ofKey'>,
  key: string,
  look: Look,
): Promise<ApplyState> {
  const found = await requests.ofKey(key).catch(() => 'silence' as const);
  if (found === 'silence') return { kind: 'unheard', look, isUnderWay: false };
  if (found === undefined) return { kind: 'seen', look, failure: new Error(changesWords.apply.neverArrived) };
  const { state, revision, unchanged = false, warnings, problem } = found;
  if (state === 'published' && revision)
    return { kind: 'published', published: { revision, unchanged, warnings } };
  if (state === 'awaiting_approval' || state === 'scheduled')
    return { kind: 'waiting', status: { ...found, state } };
  if (state === 'refused' && problem) return { kind: 'seen', look, failure: new ApiProblem(problem) };
  return { kind: 'unheard', look, isUnderWay: true };
}
