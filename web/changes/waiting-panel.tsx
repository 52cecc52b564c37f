// Applies that wait, for people or for a time: whose they are, what they take, and until when.
import type { RequestSummary } from '@hakiri/contracts/approval';
import { useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Panel } from '../parts/panel.tsx';
import { Avatar } from '../parts/person.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { strings } from '../strings/strings.ts';
import { RequestDialog } from './request-dialog.tsx';
import classes from './waiting-panel.module.css';
import { scopeWords } from './waiting-words.ts';

const text = changesWords.waiting;

export function WaitingPanel() {
  const { waiting } = useWorkspace();
  const { kind, requests } = useStore(waiting.state);
  const [shown, show] = useState<string>();
  return (
    <Panel title={text.title}>
      {kind === 'unknown' && <p className={classes.faint}>{text.unknown}</p>}
      {kind === 'loading' && <p className={classes.faint}>{strings.parts.loading}</p>}
      {kind === 'known' && requests.length === 0 && <p className={classes.faint}>{text.none}</p>}
      <ul className={classes.requests}>
        {requests.map((request) => (
          <RequestItem key={request.id} request={request} look={() => show(request.id)} />
        ))}
      </ul>
      {shown !== undefined && <RequestDialog id={shown} close={() => show(undefined)} />}
    </Panel>
  );
}

function RequestItem({ request, look }: { request: RequestSummary; look(): void }) {
  const { nameOf } = useSession();
  const { pipelines } = useWorkspace();
  const { author, scope, message, state, dueAt } = request;
  const name = nameOf(author);
  return (
    <li className={classes.request}>
      <Avatar user={author} name={name} isSmall />
      <div className={classes.words}>
        <p>{message === '' ? scopeWords(scope, (key) => pipelines.head(key)?.id) : message}</p>
        <p className={classes.faint}>
          <PersonName>{text.by(name)}</PersonName>,{' '}
          {state === 'scheduled' && dueAt ? (
            <>
              {text.scheduled} <Moment at={dueAt} />
            </>
          ) : state === 'pending' ? (
            text.pending
          ) : (
            text.approval
          )}
        </p>
      </div>
      <Button aria-label={text.lookAt(name)} onClick={look}>
        {text.look}
      </Button>
    </li>
  );
}
