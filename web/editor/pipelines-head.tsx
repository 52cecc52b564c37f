// The heading of the screen of pipelines, and the form beside its list: a letter in the search draws neither.
import { Plus } from 'lucide-react';
import { memo } from 'react';
import { useTopic } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { ScreenHead } from '../parts/screen.tsx';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { FilesMenu } from './files/files-menu.tsx';
import { StepsStrip } from './first/steps-strip.tsx';
import { PipelineForm } from './form/pipeline-form.tsx';
import classes from './pipelines-screen.module.css';

const text = strings.list;

export const PipelinesHead = memo(function PipelinesHead({
  mayEdit,
  create,
}: {
  mayEdit: boolean;
  create(): void;
}) {
  const { docId } = useWorkspace();
  return (
    <ScreenHead
      title={text.title}
      of={docId}
      actions={
        <>
          <FilesMenu />
          {mayEdit && (
            <Button look="primary" onClick={create}>
              <Plus aria-hidden />
              {text.create.button}
            </Button>
          )}
        </>
      }
    />
  );
});

export const FormPane = memo(function FormPane({
  pipelineKey,
  close,
}: {
  pipelineKey: string;
  close(): void;
}) {
  const { pipelines } = useWorkspace();
  const id = useTopic(pipelines.subscribe, pipelineKey, pipelines.idOf);
  return (
    <aside className={classes.pane} aria-label={text.paneLabel(id ?? '')}>
      <div className={classes.paneSteps}>
        <StepsStrip />
      </div>
      <PipelineForm pipelineKey={pipelineKey} close={close} />
    </aside>
  );
});
