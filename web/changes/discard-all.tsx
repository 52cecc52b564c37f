// Discarding everything asks first: it takes back what others did, too.
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Question } from '../screen/question.tsx';
import { changes as changesWords } from '../strings/en-changes.ts';

const text = changesWords;

export function DiscardAll({ count, discard }: { count: number; discard(): Promise<void> }) {
  const [isAsking, setAsking] = useState(false);
  const close = (): void => setAsking(false);
  return (
    <>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {text.list.discardAll}
      </Button>
      {isAsking && (
        <Question
          title={text.discardAll.title}
          confirm={text.discardAll.confirm}
          isDangerous
          submit={() => discard().then(close)}
          close={close}
        >
          <p>{text.discardAll.explain(count)}</p>
        </Question>
      )}
    </>
  );
}
