// Edits that the server could not take as they were: what they were, field by field, to take or to let go.
import type { ReviewPatch } from '@hakiri/client/review-patch';
import { useState } from 'react';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Banner } from '../parts/panel.tsx';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { DiscardEdits } from './discard-edits.tsx';

const text = strings.offline.review;
const SHOWN_LIMIT = 200;

export function ReviewBanner({ patch }: { patch: ReviewPatch }) {
  const { connection } = useWorkspace();
  const [isOpen, setOpen] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const take = (): void => announce(text.taken(connection.applyPatch()));
  const drop = (): void => connection.dropPatch();
  const ask = (): void => {
    setOpen(false);
    setAsking(true);
  };
  return (
    <>
      <Banner tone="warn" actions={<Button onClick={() => setOpen(true)}>{text.look}</Button>}>
        {strings.app.status.reviewWhy(patch.length)}
      </Banner>
      <Dialog
        title={text.title}
        isOpen={isOpen}
        close={() => setOpen(false)}
        isWide
        actions={
          <>
            <Button look="danger" onClick={ask}>
              {text.drop}
            </Button>
            <Button look="primary" onClick={take}>
              {text.take}
            </Button>
          </>
        }
      >
        <p>{text.explain}</p>
        <ul>
          {patch.slice(0, SHOWN_LIMIT).map((change) => (
            <li key={[change.root, change.key, ...change.path].join('/')}>{text.change(change)}</li>
          ))}
        </ul>
        {patch.length > SHOWN_LIMIT && <p>{text.more(patch.length - SHOWN_LIMIT)}</p>}
      </Dialog>
      {isAsking && <DiscardEdits kept={patch} discard={drop} close={() => setAsking(false)} />}
    </>
  );
}
