// What was changed and not saved: a bar with the two ways on, and a question before somebody leaves.
import { useBlocker } from '@tanstack/react-router';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import classes from './admin.module.css';

const text = adminWords.unsaved;

export function Unsaved({
  count,
  save,
  discard,
  canSave = true,
}: {
  count: number;
  /** False while something else has to be decided first. */
  canSave?: boolean;
  /** Without it the form around is submitted. */
  save?: () => unknown;
  discard(): void;
}) {
  const isUnsaved = count > 0;
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isUnsaved && current.pathname !== next.pathname,
    enableBeforeUnload: () => isUnsaved,
    withResolver: true,
  });
  return (
    <>
      {isUnsaved && (
        <div className={classes.bar} role="status">
          <span>{text.bar(count)}</span>
          <Button onClick={discard}>{text.discard}</Button>
          {canSave && (
            <Button look="primary" {...(save ? { onClick: save } : { type: 'submit' })}>
              {text.save}
            </Button>
          )}
        </div>
      )}
      <Dialog
        title={text.title}
        isOpen={blocker.status === 'blocked'}
        close={() => blocker.reset?.()}
        actions={
          <>
            <Button look="primary" onClick={() => blocker.reset?.()}>
              {text.stay}
            </Button>
            <Button look="danger" onClick={() => blocker.proceed?.()}>
              {text.leave}
            </Button>
          </>
        }
      >
        <p>{text.explain}</p>
      </Dialog>
    </>
  );
}
