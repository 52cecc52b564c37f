// One Apply that waits: what it would change, who agreed so far, and what is to be done with it.
import type { RequestView } from '@hakiri/contracts/approval';
import { useCallback, useState } from 'react';
import { useLoaded } from '../live/use-loaded.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { DiffView } from '../parts/diff-view.tsx';
import { codeOf, failureSentence } from '../parts/failure.ts';
import { TextField } from '../parts/field.tsx';
import { Banner, Waiting } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { strings } from '../strings/strings.ts';
import { RequestFacts } from './request-facts.tsx';
import { openTo } from './waiting-words.ts';

const text = changesWords.waiting;

export function RequestDialog({ id, close }: { id: string; close(): void }) {
  const { client } = useSession();
  const load = useCallback(() => client.requests.show(id), [client, id]);
  const loaded = useLoaded(load);
  if (loaded.kind === 'loaded')
    return (
      <Shown
        key={loaded.value.proposal?.digest ?? id}
        request={loaded.value}
        close={close}
        again={loaded.again}
      />
    );
  return (
    <Dialog title={text.title} isOpen close={close}>
      {loaded.kind === 'loading' ? (
        <Waiting>{strings.parts.loading}</Waiting>
      ) : (
        <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
          {failureSentence(loaded.error)}
        </Banner>
      )}
    </Dialog>
  );
}

function Shown({ request, close, again }: { request: RequestView; close(): void; again(): void }) {
  const { client, me, nameOf, may } = useSession();
  const { waiting } = useWorkspace();
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<unknown>();
  const [isReasonMissing, setReasonMissing] = useState(false);
  const { id, proposal } = request;
  const open = openTo(request, {
    user: me.user,
    mayApprove: may('manifest.approve'),
    isAdmin: may('team.manage'),
  });
  const act = async (work: () => Promise<unknown>, news: string): Promise<void> => {
    try {
      await work();
      announce(news);
      close();
    } catch (error) {
      setFailure(error);
    }
    await waiting.again();
  };
  const approve = (digest: string) =>
    act(() => client.requests.approve(id, digest, reason.trim() || undefined), text.approvedNews);
  const reject = async (): Promise<void> => {
    if (reason.trim() === '') return setReasonMissing(true);
    await act(() => client.requests.reject(id, reason.trim()), text.rejectedNews);
  };
  const texts = useCallback(
    async () => ({ before: proposal?.before ?? '', after: proposal?.after ?? '' }),
    [proposal],
  );
  const isChanged =
    proposal !== undefined && request.approval !== undefined && proposal.digest !== request.approval.digest;
  return (
    <Dialog
      title={text.title2(nameOf(request.author))}
      isOpen
      close={close}
      isWide
      actions={
        <>
          {open.cancel && (
            <Button look="danger" onClick={() => act(() => client.requests.cancel(id), text.cancelledNews)}>
              {text.cancel}
            </Button>
          )}
          {open.reject && (
            <Button look="danger" onClick={reject}>
              {text.reject}
            </Button>
          )}
          {open.approve && proposal && (
            <Button look="primary" onClick={() => approve(proposal.digest)}>
              {text.approve}
            </Button>
          )}
        </>
      }
    >
      <RequestFacts request={request} />
      {isChanged && <Banner tone="warn">{text.changed}</Banner>}
      {request.unavailable !== undefined && (
        <Banner tone="warn">{text.unavailable(request.unavailable)}</Banner>
      )}
      {open.isOwn && request.state === 'awaiting_approval' && <Banner tone="info">{text.own}</Banner>}
      {open.reject && (
        <TextField
          label={text.reason}
          hint={text.reasonHint}
          maxLength={2_000}
          value={reason}
          issues={isReasonMissing ? [{ severity: 'error', message: text.rejectNeedsReason }] : []}
          onChange={({ target }) => {
            setReason(target.value);
            setReasonMissing(false);
          }}
        />
      )}
      {failure !== undefined && (
        <Banner
          tone="bad"
          actions={
            codeOf(failure) !== 'denied' && <Button onClick={again}>{changesWords.apply.again}</Button>
          }
        >
          {failureSentence(failure)}
        </Banner>
      )}
      {/* It may be long, so that what is to be written stands above. */}
      {proposal && (
        <DiffView diff={proposal.diff} texts={texts} after={proposal.after} failure={failureSentence} />
      )}
    </Dialog>
  );
}
