// Deleting a pipeline: asked once, told, and taken back by one press.
import { commitEdit, deletePipeline } from '@hakiri/config-doc/edit';
import { useWorkspace } from '../../app/context.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { strings } from '../../strings/strings.ts';

const text = strings.form.remove;

export function DeleteDialog({
  pipelineKey,
  title,
  isOpen,
  cancel,
  deleted,
}: {
  pipelineKey: string;
  title: string;
  isOpen: boolean;
  cancel(): void;
  deleted(): void;
}) {
  const { connection, undo } = useWorkspace();
  const remove = (): void => {
    deleted();
    commitEdit(connection.doc, 'page', () => deletePipeline(connection.doc, pipelineKey));
    announce(text.done(title), { label: strings.together.undo, run: undo.undo });
  };
  return (
    <Dialog
      title={text.title(title)}
      isOpen={isOpen}
      close={cancel}
      actions={
        <>
          <Button onClick={cancel}>{strings.parts.cancel}</Button>
          <Button look="danger" onClick={remove}>
            {text.confirm}
          </Button>
        </>
      }
    >
      <p>{text.explain}</p>
    </Dialog>
  );
}
