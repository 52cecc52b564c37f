// A revert: what it would change, looked at before anything is written; then its result.
import type { PipelineChange } from '@hakiri/contracts/apply';
import type { RevertResult } from '@hakiri/contracts/revert';
import { useCallback, useState } from 'react';
import { IssueList } from '../changes/issue-list.tsx';
import { useLoaded } from '../live/use-loaded.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { codeOf, failureSentence, issuesOf } from '../parts/failure.ts';
import { CheckField, TextField } from '../parts/field.tsx';
import { Banner, Waiting } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';
import { strings } from '../strings/strings.ts';
import { RevertOutcome } from './revert-outcome.tsx';
import { RevertChanges, RevertSummary } from './revert-preview.tsx';

const text = revisionsWords.revert;

export function RevertDialog({
  to,
  pipeline,
  close,
}: {
  to: string;
  /** This one alone. */
  pipeline: PipelineChange | undefined;
  close(): void;
}) {
  const { client, may } = useSession();
  const { unapplied, waiting } = useWorkspace();
  const [isApplied, setApplied] = useState(may('manifest.apply'));
  const [message, setMessage] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [result, setResult] = useState<RevertResult>();
  const [failure, setFailure] = useState<unknown>();
  const key = pipeline?.key;
  const preview = useLoaded(
    useCallback(
      () => client.apply.revert({ to, dryRun: true, ...(key === undefined ? {} : { pipelines: [key] }) }),
      [client, to, key],
    ),
  );
  const seen = preview.kind === 'loaded' ? preview.value : undefined;
  // What was looked at is what is done: an edit in between leads back to looking.
  const digest = seen?.digest;
  const isNothing = seen?.documents.every((one) => one.pipelines.length + one.variables.length === 0) ?? true;
  const revert = async (): Promise<void> => {
    if (isNothing || isBusy) return;
    setBusy(true);
    setFailure(undefined);
    const only = key === undefined ? {} : { pipelines: [key] };
    const words = message.trim() === '' ? {} : { message: message.trim() };
    try {
      const asSeen = digest === undefined ? {} : { digest };
      const how = isApplied ? { apply: true, ...words } : {};
      setResult(await client.apply.revert({ to, ...only, ...asSeen, ...how }));
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
    unapplied.again();
    void waiting.again();
  };
  const again = (): void => {
    setFailure(undefined);
    if (preview.kind !== 'loading') preview.again();
  };
  const isMoved = codeOf(failure) === 'document_moved';
  return (
    <Dialog
      title={pipeline === undefined ? text.title(to) : text.titleOne(pipeline.id, to)}
      isOpen
      close={close}
      isWide
      onSubmit={revert}
      actions={
        result ? (
          <Button look="primary" onClick={close}>
            {text.close}
          </Button>
        ) : (
          <>
            <Button onClick={close}>{strings.parts.cancel}</Button>
            <Button type="submit" look="primary" disabled={isNothing || isBusy || isMoved}>
              {isApplied ? text.submitApply : text.submit}
            </Button>
          </>
        )
      }
    >
      {result ? (
        <RevertOutcome result={result} close={close} />
      ) : (
        <>
          {preview.kind === 'loading' && <Waiting>{text.looking}</Waiting>}
          {preview.kind === 'failed' && <Banner tone="bad">{failureSentence(preview.error)}</Banner>}
          {seen && <RevertSummary result={seen} isNothing={isNothing} />}
          {seen && !isNothing && (
            <>
              {may('manifest.apply') && (
                <div>
                  <CheckField
                    label={text.apply}
                    checked={isApplied}
                    onChange={({ target }) => setApplied(target.checked)}
                  />
                  <p>{text.applyHint}</p>
                </div>
              )}
              {isApplied && (
                <TextField
                  label={text.message}
                  hint={text.messageHint}
                  maxLength={2_000}
                  value={message}
                  onChange={({ target }) => setMessage(target.value)}
                />
              )}
            </>
          )}
        </>
      )}
      {isBusy && <Waiting>{text.working}</Waiting>}
      {failure !== undefined && (
        <>
          <Banner tone="bad" actions={isMoved && <Button onClick={again}>{text.again}</Button>}>
            {failureSentence(failure)}
          </Banner>
          <IssueList issues={issuesOf(failure)} />
        </>
      )}
      {seen && !result && !isNothing && <RevertChanges result={seen} />}
    </Dialog>
  );
}
