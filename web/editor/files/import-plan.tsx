// What an import would do, in numbers and names.
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { pointerParts } from '../../parts/diff-values.ts';
import { Issues } from '../../parts/field.tsx';
import { strings } from '../../strings/strings.ts';
import classes from './import-plan.module.css';

const text = strings.list.files;
const NAMED_LIMIT = 12;
const ISSUES_LIMIT = 5;
const REFUSED_LIMIT = 20;

export function ImportPlan({ plan }: { plan: ImportResult }) {
  const isNothing = plan.created.length + plan.updated.length + plan.deleted.length + plan.variables === 0;
  const errors = plan.issues?.filter(({ severity }) => severity === 'error') ?? [];
  // What stops an Apply is shown first.
  const issues = [...errors, ...(plan.issues?.filter(({ severity }) => severity !== 'error') ?? [])];
  return (
    <div role="status" className={classes.plan}>
      {isNothing && <p>{text.nothing}</p>}
      {!isNothing && (
        <ul>
          {text.would(plan).map(([what, names]) => (
            <li key={what}>
              <strong>{what}</strong>
              {names.length > 0 && (
                <span className={classes.names}>
                  {text.names(names.slice(0, NAMED_LIMIT), names.length - NAMED_LIMIT)}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {plan.comments && plan.comments.count > 0 && <p>{text.comments(plan.comments.count)}</p>}
      {issues.length > 0 && (
        <div>
          <p>{text.issues(errors.length, issues.length - errors.length)}</p>
          <Issues issues={issues.slice(0, ISSUES_LIMIT)} />
        </div>
      )}
    </div>
  );
}

/** What the server cannot read the file for: each with its place in it. */
export function FileIssues({ issues }: { issues: readonly ConfigIssue[] }) {
  if (issues.length === 0) return null;
  const placed = issues.slice(0, REFUSED_LIMIT).map(({ path, message, severity }) => ({
    severity,
    message: path === '' ? message : `${pointerParts(path).join(' / ')}: ${message}`,
  }));
  return (
    <div className={classes.plan}>
      <Issues issues={placed} />
      {issues.length > REFUSED_LIMIT && <p>{text.moreIssues(issues.length - REFUSED_LIMIT)}</p>}
    </div>
  );
}
