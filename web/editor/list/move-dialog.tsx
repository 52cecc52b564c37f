// Where to move some pipelines: a group that there is, or one to be made.
import { useState } from 'react';
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';
import { GroupField } from './group-field.tsx';

const text = strings.list.move;

export function MoveDialog({
  count,
  move,
  close,
}: {
  count: number;
  move(path: string): void;
  close(): void;
}) {
  const [path, setPath] = useState('');
  const submit = (): void => {
    close();
    move(path.trim());
  };
  return (
    <Question title={text.title(count)} confirm={text.submit} submit={submit} close={close}>
      <GroupField label={text.label} hint={text.hint} value={path} setValue={setPath} />
    </Question>
  );
}
