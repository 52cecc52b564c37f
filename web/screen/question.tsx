// A question before something is done: the safe way out first, then what it does. What goes wrong is said in it, and it stays.
import { type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Banner } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';

export function Question({
  title,
  confirm,
  cancel = strings.parts.cancel,
  isDangerous = false,
  submit,
  close,
  children,
}: {
  title: string;
  confirm: string;
  cancel?: string;
  isDangerous?: boolean;
  /** Closes it once that is done; what it throws, or is refused with, is told. */
  submit(): unknown;
  close(): void;
  children: ReactNode;
}) {
  const [failure, setFailure] = useState<string>();
  const attempt = async (): Promise<void> => {
    setFailure(undefined);
    try {
      await submit();
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  return (
    <Dialog
      title={title}
      isOpen
      close={close}
      onSubmit={attempt}
      actions={
        <>
          <Button onClick={close}>{cancel}</Button>
          <Button type="submit" look={isDangerous ? 'danger' : 'primary'}>
            {confirm}
          </Button>
        </>
      }
    >
      {failure && <Banner tone="bad">{failure}</Banner>}
      {children}
    </Dialog>
  );
}
