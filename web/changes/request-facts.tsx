// The facts of an Apply that waits: whose, what, when, and who agreed.
import type { RequestView } from '@hakiri/contracts/approval';
import { Moment } from '../parts/moment.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { kindsWords } from '../strings/kinds.ts';
import classes from './waiting-panel.module.css';
import { scopeWords } from './waiting-words.ts';

const text = changesWords.waiting;

export function RequestFacts({ request }: { request: RequestView }) {
  const { nameOf } = useSession();
  const { pipelines } = useWorkspace();
  const { approval, createdAt, dueAt, message, proposal, scope, state } = request;
  return (
    <>
      <p>{message === '' ? text.noMessage : message}</p>
      <dl className={classes.facts}>
        <dt>{text.scope}</dt>
        <dd>{scopeWords(scope, (key) => pipelines.head(key)?.id)}</dd>
        {proposal && (
          <>
            <dt>{text.changes}</dt>
            <dd>{kindsWords(proposal.diff.pipelines, proposal.diff.variables)}</dd>
          </>
        )}
        <dt>{text.asked}</dt>
        <dd>
          <PersonName>{text.by(nameOf(request.author))}</PersonName>, <Moment at={createdAt} />
        </dd>
        {state === 'scheduled' && dueAt !== undefined && (
          <>
            <dt>{text.when}</dt>
            <dd>
              <Moment at={dueAt} />
            </dd>
          </>
        )}
        {approval && (
          <>
            <dt>{text.approvals}</dt>
            <dd>
              {approval.needs.map(({ group, given, approvals }) => (
                <p key={group}>{changesWords.apply.needs(group, given, approvals)}</p>
              ))}
              {approval.approvals.map(({ user, reason, isVoid }) => (
                <p key={user}>
                  <PersonName>{nameOf(user)}</PersonName>
                  {reason !== '' && `: ${reason}`} {isVoid && text.void}
                </p>
              ))}
            </dd>
          </>
        )}
        {approval?.expiresAt !== undefined && state === 'awaiting_approval' && (
          <>
            <dt>{text.expires}</dt>
            <dd>
              <Moment at={approval.expiresAt} />
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
