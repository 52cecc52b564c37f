// What stands against an Apply of the whole document, and apart from it what does not.
import type { ConfigIssue } from '@hakiri/contracts/config';
import { Panel } from '../parts/panel.tsx';
import { changes as changesWords } from '../strings/en-changes.ts';
import { IssueList } from './issue-list.tsx';
import { bySeverity } from './issue-place.ts';

const text = changesWords.issues;

export function Issues({
  issues,
  elsewhere,
}: {
  /** Of what was chosen. */
  issues: readonly ConfigIssue[];
  /** How many there are in what was not. */
  elsewhere: number;
}) {
  const { errors, warnings } = bySeverity(issues);
  return (
    <>
      {errors.length > 0 && (
        <Panel title={text.title}>
          <IssueList issues={errors} />
        </Panel>
      )}
      {warnings.length > 0 && (
        <Panel title={text.warnings}>
          <p>{text.warningsHint}</p>
          <IssueList issues={warnings} />
        </Panel>
      )}
      {elsewhere > 0 && <p>{text.elsewhere(elsewhere)}</p>}
    </>
  );
}
