// A banner above every screen while the connection needs a decision: to update, to wait no longer, to look at what was refused.
import { useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { DiscardEdits } from '../offline/discard-edits.tsx';
import { ReviewBanner } from '../offline/review.tsx';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Banner } from '../parts/panel.tsx';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { ReadOnlyBanner } from './read-only-banner.tsx';

const text = strings.app.status;

export function Trouble() {
  const { shownStatus, connection } = useWorkspace();
  const now = useStore(shownStatus);
  const [failure, setFailure] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const review = (): Promise<void> =>
    connection.review().then(
      () => setFailure(undefined),
      (error) => setFailure(failureSentence(error)),
    );
  const reload = (): void => location.reload();
  if (now.kind === 'update_required')
    return (
      <Banner tone="bad" actions={<Button onClick={reload}>{text.updateNow}</Button>}>
        {text.updateWhy}
      </Banner>
    );
  if (now.kind === 'blocked')
    return (
      <Banner tone="warn" actions={<Button onClick={review}>{text.blockedSkip}</Button>}>
        {failure ?? text.blockedWhy}
      </Banner>
    );
  if (now.kind === 'needs_review') return <ReviewBanner patch={now.patch} />;
  if (now.kind === 'read_only') return <ReadOnlyBanner unsaved={now.unsaved} isKept={now.kept} />;
  if (now.kind !== 'refused') return null;
  const giveUp = (): Promise<void> => connection.forget().then(reload);
  const ways = (
    <>
      <Button onClick={reload}>{strings.parts.tryAgain}</Button>
      {now.unsaved > 0 && <Button onClick={review}>{text.look}</Button>}
      {now.unsaved > 0 && (
        <Button look="danger" onClick={() => setAsking(true)}>
          {text.giveUp}
        </Button>
      )}
    </>
  );
  return (
    <>
      <Banner tone="bad" actions={ways}>
        {failure ?? `${text.refusedWhy(now.code)} ${now.unsaved > 0 ? text.unsaved(now.unsaved) : ''}`}
      </Banner>
      {isAsking && (
        <DiscardEdits kept={connection.doc.toJSON()} discard={giveUp} close={() => setAsking(false)} />
      )}
    </>
  );
}
