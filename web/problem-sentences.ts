// What an error of the API means for somebody who looks at the page: the API speaks to programs too.
import { ApiProblem } from '@hakiri/client/errors';

const FOR_PEOPLE: Readonly<Record<string, string>> = {
  invalid_config: 'Mend the issues below, then try again.',
  document_moved: 'Somebody edited while you did this. Look at what changed, then try again.',
  version_unknown: 'Your last edits have not arrived at the server yet. Try again in a moment.',
};

export function problemSentence(error: unknown): string {
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.message : String(error);
  const { code, detail } = error.problem;
  return (Object.hasOwn(FOR_PEOPLE, code) ? FOR_PEOPLE[code] : undefined) ?? detail;
}

/** With the first issue, where there is no room for a list of them. */
export function problemWithFirstIssue(error: unknown): string {
  const issues = error instanceof ApiProblem ? (error.problem.issues ?? []) : [];
  const [first] = issues;
  if (!first) return problemSentence(error);
  const more = issues.length > 1 ? ` There are ${issues.length - 1} more.` : '';
  return `${first.path}: ${first.message}${more}`;
}
