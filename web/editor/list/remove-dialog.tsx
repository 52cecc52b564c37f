// Before many pipelines are deleted at once: how many, and that there is a way back.
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';

const text = strings.list.remove;

export function RemoveDialog({ count, remove, close }: { count: number; remove(): void; close(): void }) {
  const submit = (): void => {
    close();
    remove();
  };
  return (
    <Question
      title={text.title(count)}
      confirm={text.confirm(count)}
      isDangerous
      submit={submit}
      close={close}
    >
      <p>{text.explain}</p>
    </Question>
  );
}
