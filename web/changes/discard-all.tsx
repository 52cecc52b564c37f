// Discarding everything asks first: it takes back what others did, too.
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { changes as changesWords } from '../strings/en-changes.ts';
import { strings } from '../strings/strings.ts';

const text = changesWords;

export function DiscardAll({ count, discard }: { count: number; discard(): Promise<void> }) {
  const [isAsking, setAsking] = useState(false);
  const close = (): void => setAsking(false);
  return (
    <>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {text.list.discardAll}
      </Button>
      <Dialog
        title={text.discardAll.title}
        isOpen={isAsking}
        close={close}
        actions={
          <>
            <Button onClick={close}>{strings.parts.cancel}</Button>
            <Button look="danger" onClick={() => discard().then(close)}>
              {text.discardAll.confirm}
            </Button>
          </>
        }
      >
        <p>{text.discardAll.explain(count)}</p>
      </Dialog>
    </>
  );
}
