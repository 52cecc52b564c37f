// The facts of one thing: each a small label above its value, as many beside each other as there is room for.
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import classes from './facts.module.css';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={classes.facts}>{children}</dl>;
}

export function Fact({
  name,
  isCode = false,
  children,
}: {
  name: string;
  /** An identity, of which the beginning is enough: pointing at it shows the rest. */
  isCode?: boolean;
  children: ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd
        className={classNames(isCode && classes.code)}
        title={isCode && typeof children === 'string' ? children : undefined}
      >
        {children}
      </dd>
    </div>
  );
}
