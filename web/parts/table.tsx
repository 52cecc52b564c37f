// Rows of facts: a caption for those who cannot see the heading above, columns with names, and what leads on below.
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import classes from './table.module.css';

export type Column = { name: string; isNameHidden?: boolean };

export function Table({
  caption,
  columns,
  children,
  foot,
  isFlush = false,
}: {
  caption: string;
  columns: readonly Column[];
  /** Rows. */
  children: ReactNode;
  foot?: ReactNode;
  /** Within a panel that has an edge of its own. */
  isFlush?: boolean;
}) {
  return (
    <section
      className={classNames(classes.scroll, isFlush && classes.flush)}
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must scroll by keyboard too
      tabIndex={0}
    >
      <table className={classes.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, isNameHidden }) => (
              <th key={name} scope="col">
                <span className={isNameHidden ? 'visually-hidden' : undefined}>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {foot && <div className={classes.foot}>{foot}</div>}
    </section>
  );
}
