// What an error means for somebody who looks at the page: the API speaks to programs too. Never more than it says.
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { failures } from '../strings/en-failures.ts';

const FOR_PEOPLE: Readonly<Record<string, string>> = failures;

export function failureSentence(error: unknown): string {
  if (error instanceof Unreachable) return failures.unreachable;
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.message : String(error);
  const { code, detail } = error.problem;
  return (Object.hasOwn(FOR_PEOPLE, code) ? FOR_PEOPLE[code] : undefined) ?? detail;
}

export function issuesOf(error: unknown): readonly ConfigIssue[] {
  return error instanceof ApiProblem ? (error.problem.issues ?? []) : [];
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof ApiProblem ? error.problem.code : undefined;
}
