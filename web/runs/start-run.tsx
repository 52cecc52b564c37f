// Starts a run by hand, of what is applied.
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { TextField } from '../parts/field.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { failureSentence } from '../screen/failure.ts';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';

const text = runsWords.start;

export function StartRun() {
  const { client } = useSession();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const [pipeline, setPipeline] = useState('');
  const [failure, setFailure] = useState<string>();
  const close = (): void => {
    setOpen(false);
    setFailure(undefined);
  };
  const start = async (): Promise<void> => {
    try {
      const run = await client.runs.start(pipeline.trim());
      announce(text.started(run.pipeline));
      close();
      await navigate({ to: '/runs/$id', params: { id: run.id } });
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <Play aria-hidden />
        {text.open}
      </Button>
      <Dialog
        title={text.title}
        isOpen={isOpen}
        close={close}
        onSubmit={start}
        actions={
          <>
            <Button onClick={close}>{strings.parts.cancel}</Button>
            <Button type="submit" look="primary">
              {text.submit}
            </Button>
          </>
        }
      >
        <p>{text.explain}</p>
        {failure && <Banner tone="bad">{failure}</Banner>}
        <TextField
          label={text.pipeline}
          required
          autoFocus
          isMono
          value={pipeline}
          onChange={(event) => setPipeline(event.target.value)}
        />
      </Dialog>
    </>
  );
}
