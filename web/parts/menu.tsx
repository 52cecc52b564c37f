// A menu behind a button: actions on one thing, the dangerous one last and apart.
import { Menu as Base, MenuButton, MenuItem, MenuProvider, MenuSeparator } from '@ariakit/react';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import classes from './menu.module.css';
import { told } from './use-press.ts';

export type MenuAction =
  | 'separator'
  | {
      label: string;
      run(): unknown;
      icon?: ReactNode;
      /** A shortcut, or the present value. */
      aside?: ReactNode;
      isDisabled?: boolean;
      isDangerous?: boolean;
    };

export function Menu({ button, actions }: { button: ReactElement; actions: readonly MenuAction[] }) {
  return (
    <MenuProvider>
      <MenuButton render={button} />
      <Base gutter={4} portal unmountOnHide className={classes.menu}>
        {actions.map((action, index) =>
          action === 'separator' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a separator is nothing but its place
            <MenuSeparator key={index} className={classes.separator} />
          ) : (
            <MenuItem
              // biome-ignore lint/suspicious/noArrayIndexKey: two documents may have one title, and an item keeps nothing
              key={index}
              disabled={action.isDisabled ?? false}
              className={classNames(classes.item, action.isDangerous && classes.danger)}
              onClick={() => void told(action.run())}
            >
              {action.icon}
              {action.label}
              {action.aside && <span className={classes.aside}>{action.aside}</span>}
            </MenuItem>
          ),
        )}
      </Base>
    </MenuProvider>
  );
}
