// The fields of one thing that differ: from the old value to the new one, read in one line. A text of several lines
// is shown line by line.
import type { FieldChange } from '@hakiri/contracts/apply';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '../strings/strings.ts';
import { fieldLabel, lineDiff, type ShownValue, shownValue } from './diff-values.ts';
import classes from './field-changes.module.css';
import { DiffLines } from './text-diff.tsx';

const text = strings.parts.diff;

export function FieldChanges({
  fields,
  aside,
}: {
  fields: readonly FieldChange[];
  /** Beside a field: who changed it, what can be done. */
  aside?: (field: FieldChange) => ReactNode;
}) {
  return (
    <ul className={classes.fields}>
      {fields.map((field) => (
        <FieldRow key={field.path} field={field} aside={aside?.(field)} />
      ))}
    </ul>
  );
}

export function FieldRow({ field, aside }: { field: FieldChange; aside?: ReactNode }) {
  const { path } = field;
  const [before, after] = [shownValue(field.before, path), shownValue(field.after, path)];
  const isBlock = before.kind === 'block' || after.kind === 'block';
  return (
    <li className={classes.field}>
      <span className={classes.name}>{fieldLabel(path)}</span>
      {isBlock ? (
        <div className={classes.block}>
          <DiffLines lines={lineDiff(blockText(before), blockText(after))} />
        </div>
      ) : (
        <div className={classes.values}>
          <del className={classes.before}>
            <Shown value={before} />
          </del>
          <ArrowRight aria-hidden />
          <ins className={classes.after}>
            <Shown value={after} />
          </ins>
        </div>
      )}
      {aside && <div className={classes.aside}>{aside}</div>}
    </li>
  );
}

export function Shown({ value }: { value: ShownValue }) {
  if (value.kind === 'nothing' || value.kind === 'empty')
    return <span className={classes.absent}>{text[value.kind]}</span>;
  return <code className={classes.value}>{value.text}</code>;
}

function blockText(value: ShownValue): string {
  return value.kind === 'line' || value.kind === 'block' ? value.text : '';
}
