// A dialog over the page: a heading, what it is about, and what to do, the safe way out first. Escape and a press beside it close it.
import { Dialog as Base, DialogDismiss, DialogHeading } from '@ariakit/react';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { strings } from '../strings/strings.ts';
import button from './button.module.css';
import { classNames } from './class-names.ts';
import classes from './dialog.module.css';
import { useSubmit } from './use-press.ts';

export function Dialog({
  title,
  isOpen,
  close,
  onSubmit,
  actions,
  isWide = false,
  isRead = false,
  children,
}: {
  title: string;
  isOpen: boolean;
  close(): void;
  /** Makes it a form: Enter submits. While what it gives is under way, a second time does nothing. */
  onSubmit?: () => unknown;
  actions?: ReactNode;
  isWide?: boolean;
  /** Begins at its heading: there is something to read before anything is pressed. */
  isRead?: boolean;
  children: ReactNode;
}) {
  const { isBusy, submit } = useSubmit(onSubmit);
  const heading = useRef<HTMLHeadingElement>(null);
  const inside = (
    <>
      <div className={classes.head}>
        <DialogHeading ref={heading} {...(isRead && { tabIndex: -1 })}>
          {title}
        </DialogHeading>
        <DialogDismiss
          aria-label={strings.parts.close}
          className={classNames(button.button, button.icon, button.quiet)}
        >
          <X aria-hidden />
        </DialogDismiss>
      </div>
      <div className={classes.body}>{children}</div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </>
  );
  return (
    <Base
      open={isOpen}
      onClose={close}
      unmountOnHide
      {...(isRead && { initialFocus: heading })}
      // News may offer a way back from what was done in the dialog.
      getPersistentElements={() => document.querySelectorAll('[data-persistent]')}
      backdrop={<div className={classes.backdrop} />}
      className={classNames(classes.dialog, isWide && classes.wide)}
    >
      {onSubmit ? (
        <form className={classes.form} aria-busy={isBusy || undefined} onSubmit={submit}>
          {inside}
        </form>
      ) : (
        inside
      )}
    </Base>
  );
}
