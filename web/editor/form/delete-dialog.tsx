// Deleting a pipeline: asked once, told, and taken back by one press.

import { announce } from '../../parts/announce.ts';
import { useWorkspace } from '../../screen/context.ts';
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';
import { deleteAll } from '../list/list-edits.ts';

const text = strings.form.remove;

export function DeleteDialog({
  pipelineKey,
  title,
  cancel,
  deleted,
}: {
  pipelineKey: string;
  title: string;
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
    <Question title={text.title(title)} confirm={text.confirm} isDangerous submit={remove} close={cancel}>
      <p>{text.explain}</p>
    </Question>
  );
}
