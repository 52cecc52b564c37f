// Applies that wait, for people or for a time: whose they are, what they take, and until when.
import type { RequestSummary } from '@hakiri/contracts/approval';
import { useState } from 'react';
import { isToTell } from '../live/refused.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge, Panel } from '../parts/panel.tsx';
import { Avatar } from '../parts/person.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { strings } from '../strings/strings.ts';
import { dismiss, dismissed } from './dismissed.ts';
import { RefusedNews } from './refused-news.tsx';
import { whyRefused } from './refused-words.ts';
import { RequestDialog } from './request-dialog.tsx';
import classes from './waiting-panel.module.css';
import { scopeWords } from './waiting-words.ts';

const text = changesWords.waiting;

export function WaitingPanel() {
  const { me } = useSession();
  const { waiting } = useWorkspace();
  const { kind, requests, refused } = useStore(waiting.state);
  const gone = useStore(dismissed);
  const mine = (refused ?? []).filter(
    (one) => one.author === me.user && isToTell(one) && !gone.includes(one.id),
  );
  const [shown, show] = useState<string>();
  return (
    <Panel title={text.title}>
      {kind === 'unknown' && (
        <p className={classes.faint}>{refused === undefined ? text.notKnown : text.unknown}</p>
      )}
      {kind === 'loading' && <p className={classes.faint}>{strings.parts.loading}</p>}
      {kind === 'known' && requests.length + mine.length === 0 && (
        <p className={classes.faint}>{text.none}</p>
      )}
      <ul className={classes.requests}>
        {requests.map((request) => (
          <RequestItem key={request.id} request={request} look={() => show(request.id)} />
        ))}
        {mine.map((request) => (
          <RefusedItem key={request.id} request={request} />
        ))}
      </ul>
      <RefusedNews of="others" />
      {shown !== undefined && <RequestDialog id={shown} close={() => show(undefined)} />}
    </Panel>
  );
}

function RefusedItem({ request }: { request: RequestSummary }) {
  const { nameOf } = useSession();
  const { pipelines } = useWorkspace();
  const { id, message, scope, createdAt } = request;
  const what = message === '' ? scopeWords(scope, (key) => pipelines.head(key)?.id) : message;
  return (
    <li className={classes.request}>
      <div className={classes.words}>
        <p>
          <Badge tone="bad">{text.refused}</Badge> {what}
        </p>
        <p>{whyRefused(request, nameOf)}</p>
        <p className={classes.faint}>
          {text.asked} <Moment at={createdAt} />
        </p>
      </div>
      <Button aria-label={text.dismissOf(what)} onClick={() => dismiss(id)}>
        {text.dismiss}
      </Button>
    </li>
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
