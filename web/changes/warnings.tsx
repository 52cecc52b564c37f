// What is worth a look and stops nothing: counted always, listed at once when it is little.
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { changes as changesWords } from '../strings/en-changes.ts';
import { IssueList } from './issue-list.tsx';

const OPEN_LIMIT = 3;

export function Warnings({
  issues,
  takeScope,
}: {
  issues: readonly ConfigIssue[];
  takeScope?: (scope: Scope) => void;
}) {
  if (issues.length === 0) return null;
  return (
    <details open={issues.length <= OPEN_LIMIT}>
      <summary>{changesWords.issues.warningCount(issues.length)}</summary>
      <IssueList issues={issues} {...(takeScope ? { takeScope } : {})} />
    </details>
  );
}
