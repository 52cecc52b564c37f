// Buttons: one primary on a screen, quiet ones in rows, and those of an icon alone, which say in a tooltip what they do.
import { Tooltip, TooltipAnchor, TooltipProvider } from '@ariakit/react';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import classes from './button.module.css';
import { classNames } from './class-names.ts';
import tooltip from './tooltip.module.css';
import { usePress } from './use-press.ts';

export type ButtonLook = 'plain' | 'primary' | 'quiet' | 'danger';
type Base = Omit<ComponentProps<'button'>, 'onClick'> & {
  look?: ButtonLook;
  /** While what it gives is under way, a second press does nothing. */
  onClick?: ((event: MouseEvent) => unknown) | undefined;
};

export function Button({ look = 'plain', onClick, children, className, ...rest }: Base) {
  const { isBusy, press } = usePress(onClick);
  return (
    <button
      type="button"
      {...rest}
      aria-busy={isBusy || undefined}
      className={classNames(classes.button, look !== 'plain' && classes[look], className)}
      onClick={onClick && press}
    >
      {isBusy && <LoaderCircle aria-hidden className={classes.busy} />}
      {children}
    </button>
  );
}

export function IconButton({
  label,
  shortcut,
  look = 'quiet',
  onClick,
  children,
  className,
  ...rest
}: Base & { label: string; shortcut?: ReactNode }) {
  const { isBusy, press } = usePress(onClick);
  return (
    <TooltipProvider>
      <TooltipAnchor
        render={<button type="button" {...rest} />}
        aria-label={label}
        aria-busy={isBusy || undefined}
        className={classNames(classes.button, classes.icon, look !== 'plain' && classes[look], className)}
        onClick={onClick && press}
      >
        {children}
      </TooltipAnchor>
      <Tooltip className={tooltip.tooltip} gutter={6} unmountOnHide>
        {label}
        {shortcut}
      </Tooltip>
    </TooltipProvider>
  );
}
