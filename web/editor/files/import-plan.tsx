// What an import would do, in numbers and names.
import type { ImportResult } from '@hakiri/contracts/apply';
import { Issues } from '../../parts/field.tsx';
import { strings } from '../../strings/strings.ts';
import classes from './import-plan.module.css';

const text = strings.list.files;
const NAMED_LIMIT = 12;
const ISSUES_LIMIT = 5;

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
