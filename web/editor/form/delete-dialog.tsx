// Deleting a pipeline: asked once, told, and taken back by one press.

import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { deleteAll } from '../list/list-edits.ts';

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
  const { connection } = useWorkspace();
  const remove = (): void => {
    deleted();
    // What this takes back, whatever was done since: the last step may be another by then.
    const { undo } = deleteAll(connection.doc, [pipelineKey]);
    announce(text.done(title), { label: strings.together.undo, run: undo, isWayBack: true });
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
