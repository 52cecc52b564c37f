// Before edits that the server does not have are forgotten for good: a question, and the way to keep them as a file.
import { Button } from '../parts/button.tsx';
import { saveFile } from '../parts/save-file.ts';
import { useWorkspace } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { strings } from '../strings/strings.ts';

const text = strings.offline.discard;

export function DiscardEdits({
  kept,
  discard,
  close,
}: {
  /** What the file holds. */
  kept: unknown;
  discard(): unknown;
  close(): void;
}) {
  const { docId } = useWorkspace();
  const save = (): void => saveFile(text.file(docId), 'application/json', JSON.stringify(kept, null, 2));
  return (
    <Question title={text.title} confirm={text.confirm} isDangerous submit={discard} close={close}>
      <p>{text.explain}</p>
      <Button onClick={save}>{text.save}</Button>
    </Question>
  );
}
