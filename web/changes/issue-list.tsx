// What is wrong, each in a sentence, and the way to where it is mended.
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { Scope } from '@hakiri/contracts/scope';
import { Link } from '@tanstack/react-router';
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { Button } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import classes from './issue-list.module.css';
import { codeParts, issuePlace } from './issue-place.ts';

const text = changesWords.issues;
const SHOWN_LIMIT = 100;

export function IssueList({
  issues,
  takeScope,
}: {
  issues: readonly ConfigIssue[];
  /** When a wider scope can be chosen here. */
  takeScope?: (scope: Scope) => void;
}) {
  if (issues.length === 0) return null;
  return (
    <>
      <ul className={classes.issues}>
        {issues.slice(0, SHOWN_LIMIT).map((issue) => (
          <IssueItem
            key={`${issue.code} ${issue.path} ${issue.message}`}
            issue={issue}
            takeScope={takeScope}
          />
        ))}
      </ul>
      {issues.length > SHOWN_LIMIT && <p>{text.more(issues.length - SHOWN_LIMIT)}</p>}
    </>
  );
}

function IssueItem({
  issue,
  takeScope,
}: {
  issue: ConfigIssue;
  takeScope: ((scope: Scope) => void) | undefined;
}) {
  const { severity, message, path, suggestion } = issue;
  const isError = severity === 'error';
  const scope = suggestion?.scope;
  return (
    <li className={classNames(classes.issue, isError ? classes.error : classes.warning)}>
      {isError ? <CircleAlert aria-hidden /> : <TriangleAlert aria-hidden />}
      <div className={classes.words}>
        <Place path={path} />
        <p>
          {codeParts(message).map(({ text: words, isCode }, index) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence stay where they are
            isCode ? <code key={index}>{words}</code> : words,
          )}
        </p>
        {suggestion?.value !== undefined && (
          <p className={classes.perhaps}>{text.perhaps(suggestion.value)}</p>
        )}
        {scope && takeScope && (
          <Button onClick={() => takeScope(scope)}>
            {scope.kind === 'all' ? text.takeAll : text.takeScope}
          </Button>
        )}
      </div>
    </li>
  );
}

function Place({ path }: { path: string }) {
  const { docId, pipelines } = useWorkspace();
  const place = issuePlace(path);
  if (place.kind === 'pipeline') {
    const key = pipelines.keyNamed(place.pipeline);
    if (key !== undefined)
      return (
        <Link
          to="/docs/$doc/pipelines/$key"
          params={{ doc: docId, key }}
          search={place.field === undefined ? {} : { field: place.field }}
          className={classes.place}
        >
          {place.label}
        </Link>
      );
  }
  if (place.kind === 'variable')
    return (
      <Link to="/docs/$doc/variables" params={{ doc: docId }} className={classes.place}>
        {place.label}
      </Link>
    );
  const label = place.kind === 'scope' ? text.scope : place.label;
  return label === '' ? null : <span className={classes.place}>{label}</span>;
}
