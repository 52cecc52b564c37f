// Retry and cancel, each with what it will do said before.
import type { Run } from '@hakiri/contracts/scheduler';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createRequestKey } from '../live/request-key.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { useSession } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { canCancel, canRetry } from './run-facts.ts';
import classes from './runs.module.css';

const text = runsWords;

export function RunActions({ run, changed }: { run: Run; changed(): Promise<void> }) {
  const { client, may } = useSession();
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'retry' | 'cancel'>();
  const [key] = useState(createRequestKey);
  const close = (): void => {
    key.forget();
    setAsks(undefined);
  };
  const retry = async (): Promise<void> => {
    const { id } = await client.runs.retry(run.id, { key: key.of(run.id) });
    announce(text.retry.done);
    await navigate({ to: '/runs/$id', params: { id } });
    close();
  };
  const cancel = async (): Promise<void> => {
    const { state } = await client.runs.cancel(run.id);
    announce(state === 'cancelled' ? text.cancel.done : text.cancel.asked);
    await changed();
    close();
  };
  if (!may('runs.control')) return <span className={classes.soft}>{text.one.readOnly}</span>;
  return (
    <>
      {canRetry(run) && <Button onClick={() => setAsks('retry')}>{text.one.retry}</Button>}
      {canCancel(run) && (
        <Button look="danger" onClick={() => setAsks('cancel')}>
          {text.one.cancel}
        </Button>
      )}
      {asks === 'retry' && (
        <Question
          title={text.retry.title(run.pipeline)}
          confirm={text.retry.submit}
          submit={retry}
          close={close}
        >
          <p>{text.retry.explain(run.revision)}</p>
        </Question>
      )}
      {asks === 'cancel' && (
        <Question
          title={text.cancel.title(run.pipeline)}
          confirm={text.cancel.submit}
          cancel={text.cancel.keep}
          isDangerous
          submit={cancel}
          close={close}
        >
          <p>{run.state === 'waiting' ? text.cancel.waiting : text.cancel.held(run.node ?? '')}</p>
          <p>{text.cancel.schedule}</p>
        </Question>
      )}
    </>
  );
}
