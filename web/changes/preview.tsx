// Exactly what an Apply would publish: how much, what differs, what is worth a look, what the policy says.
import type { Scope } from '@hakiri/contracts/scope';
import { type ReactNode, useCallback } from 'react';
import { DiffView } from '../parts/diff-view.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Moment } from '../parts/moment.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { kindsWords } from '../strings/kinds.ts';
import classes from './apply-form.module.css';
import type { Look } from './apply-state.ts';
import { Warnings } from './warnings.tsx';

const text = changesWords.apply;
const EMPTY_LABEL = 'v0';

export function Preview({
  look,
  takeScope,
  children,
}: {
  look: Look;
  takeScope(scope: Scope): void;
  /** Between what it comes to and the list of it, which may be long. */
  children?: ReactNode;
}) {
  const { client } = useSession();
  const { dryRun, outdated } = look;
  const { diff, toml, revision, unchanged, warnings, policy } = dryRun;
  const texts = useCallback(
    async () => ({
      before: diff.from === EMPTY_LABEL ? '' : await client.apply.body(diff.from),
      after: toml,
    }),
    [client, diff.from, toml],
  );
  const kinds = kindsWords(diff.pipelines, diff.variables);
  const line = unchanged
    ? text.unchanged(revision)
    : diff.from === EMPTY_LABEL
      ? text.first(text.count(diff.pipelines.length, diff.variables.length), revision)
      : text.becomes(kinds, revision, diff.from);
  return (
    <>
      <p className={classes.sum}>{line}</p>
      {outdated && (
        <Banner tone="warn">{outdated.by === 'edit' ? text.outdated : text.published(outdated.label)}</Banner>
      )}
      {policy.kind === 'approval' && (
        <Banner tone="info">
          {policy.needs.map(({ group, given, approvals }) => (
            <p key={group}>{text.needs(group, given, approvals)}</p>
          ))}
          <p>{text.needsExplain}</p>
        </Banner>
      )}
      {policy.kind === 'wait' && (
        <Banner tone="info">
          {text.waits} <Moment at={policy.until} />
        </Banner>
      )}
      {policy.kind === 'refused' && policy.problem.code !== 'message_required' && (
        <Banner tone="warn">{policy.problem.detail}</Banner>
      )}
      <Warnings issues={warnings} takeScope={takeScope} />
      {children}
      {!unchanged && <DiffView diff={diff} texts={texts} after={toml} failure={failureSentence} />}
    </>
  );
}
