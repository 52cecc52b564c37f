// Where to move some pipelines: a group that there is, or one to be made.
import { useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
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
    <Dialog
      title={text.title(count)}
      isOpen
      close={close}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={close}>{strings.parts.cancel}</Button>
          <Button type="submit" look="primary">
            {text.submit}
          </Button>
        </>
      }
    >
      <GroupField label={text.label} hint={text.hint} value={path} setValue={setPath} />
    </Dialog>
  );
}
