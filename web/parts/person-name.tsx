// Somebody's name, or a short sentence with it, in a row: a long one is cut, so that it takes no room from what the row is about.
import { classNames } from './class-names.ts';
import classes from './person-name.module.css';

export function PersonName({ children, className }: { children: string; className?: string | undefined }) {
  return (
    <span className={classNames(classes.name, className)} title={children}>
      {children}
    </span>
  );
}
