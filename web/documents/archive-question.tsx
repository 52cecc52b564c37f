// Before a document is put away: what that means for those who are in it.
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { oncePerUser } from '../live/people.ts';
import { useStore } from '../live/use-store.ts';
import { useWorkspace } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { strings } from '../strings/strings.ts';

const text = strings.documents.archiving;

export function ArchiveQuestion({
  info: { doc, title },
  confirm,
  close,
}: {
  info: DocumentInfo;
  confirm(): Promise<void>;
  close(): void;
}) {
  const { docId, people } = useWorkspace();
  const others = useStore(people.others);
  // Who is in another document is not told here.
  const names = doc === docId ? oncePerUser(others).map(({ name }) => name) : undefined;
  const archive = (): void => {
    close();
    void confirm();
  };
  return (
    <Question title={text.title(title)} confirm={text.confirm} isDangerous submit={archive} close={close}>
      <p>{text.explain}</p>
      <p>{text.inIt(names)}</p>
    </Question>
  );
}
