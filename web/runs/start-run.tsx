// Starts a run by hand, of what is applied.
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { createRequestKey } from '../live/request-key.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { useSession } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';

const text = runsWords.start;

export function StartRun() {
  const { client } = useSession();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const [pipeline, setPipeline] = useState('');
  const [key] = useState(createRequestKey);
  const close = (): void => {
    key.forget();
    setOpen(false);
  };
  const start = async (): Promise<void> => {
    const id = pipeline.trim();
    const run = await client.runs.start(id, { key: key.of(id) });
    announce(text.started(run.pipeline));
    close();
    await navigate({ to: '/runs/$id', params: { id: run.id } });
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <Play aria-hidden />
        {text.open}
      </Button>
      {isOpen && (
        <Question title={text.title} confirm={text.submit} submit={start} close={close}>
          <p>{text.explain}</p>
          <TextField
            label={text.pipeline}
            required
            autoFocus
            isMono
            value={pipeline}
            onChange={(event) => setPipeline(event.target.value)}
          />
        </Question>
      )}
    </>
  );
}
