// The outline of a screen: its heading with what it is about and its actions, a bar of tabs, a row of filters.
import type { ComponentProps, ReactNode } from 'react';
import { usePageTitle } from './page-title.ts';
import classes from './screen.module.css';

/** For links that the router draws: it says itself which one is the page that is shown. */
export const tabClass = classes.tab ?? '';

export function Screen(props: Omit<ComponentProps<'div'>, 'className'>) {
  return <div {...props} className={classes.screen} />;
}

export function ScreenHead({
  title,
  of,
  about,
  actions,
}: {
  title: string;
  /** What it is a screen of, such as a document: told by the title of the tab. */
  of?: string;
  about?: ReactNode;
  actions?: ReactNode;
}) {
  usePageTitle(of === undefined ? title : `${title} · ${of}`, 'screen');
  return (
    <header className={classes.head}>
      <div className={classes.words}>
        <h1>{title}</h1>
        {about && <p className={classes.about}>{about}</p>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

export function TabBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

export function Filters({ children }: { children: ReactNode }) {
  return <div className={classes.filters}>{children}</div>;
}
