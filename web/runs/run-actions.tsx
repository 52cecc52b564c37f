// Retry and cancel, each with what it will do said before.
import type { Run } from '@hakiri/contracts/scheduler';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { failureSentence } from '../screen/failure.ts';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { canCancel, canRetry } from './run-facts.ts';
import classes from './runs.module.css';

const text = runsWords;

export function RunActions({ run, changed }: { run: Run; changed(): Promise<void> }) {
  const { client, may } = useSession();
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'retry' | 'cancel'>();
  const [failure, setFailure] = useState<string>();
  const close = (): void => {
    setAsks(undefined);
    setFailure(undefined);
  };
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      close();
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  const retry = (): Promise<void> =>
    attempt(async () => {
      const { id } = await client.runs.retry(run.id);
      announce(text.retry.done);
      await navigate({ to: '/runs/$id', params: { id } });
    });
  const cancel = (): Promise<void> =>
    attempt(async () => {
      const { state } = await client.runs.cancel(run.id);
      announce(state === 'cancelled' ? text.cancel.done : text.cancel.asked);
      await changed();
    });
  if (!may('runs.control')) return <span className={classes.soft}>{text.one.readOnly}</span>;
  return (
    <>
      {canRetry(run) && <Button onClick={() => setAsks('retry')}>{text.one.retry}</Button>}
      {canCancel(run) && (
        <Button look="danger" onClick={() => setAsks('cancel')}>
          {text.one.cancel}
        </Button>
      )}
      <Dialog
        title={text.retry.title(run.pipeline)}
        isOpen={asks === 'retry'}
        close={close}
        actions={
          <>
            <Button onClick={close}>{strings.parts.cancel}</Button>
            <Button look="primary" onClick={retry}>
              {text.retry.submit}
            </Button>
          </>
        }
      >
        <p>{text.retry.explain(run.revision)}</p>
        {failure && <Banner tone="bad">{failure}</Banner>}
      </Dialog>
      <Dialog
        title={text.cancel.title(run.pipeline)}
        isOpen={asks === 'cancel'}
        close={close}
        actions={
          <>
            <Button onClick={close}>{text.cancel.keep}</Button>
            <Button look="danger" onClick={cancel}>
              {text.cancel.submit}
            </Button>
          </>
        }
      >
        <p>{run.state === 'waiting' ? text.cancel.waiting : text.cancel.held(run.node ?? '')}</p>
        <p>{text.cancel.schedule}</p>
        {failure && <Banner tone="bad">{failure}</Banner>}
      </Dialog>
    </>
  );
}
