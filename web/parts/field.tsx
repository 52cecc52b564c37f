// A field with its label, a hint, and what is wrong with it beside it: said, and never in the way of typing.
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';
import classes from './field.module.css';

export type FieldIssue = { severity: 'error' | 'warning'; message: string };

type Around = {
  label: string;
  hint?: ReactNode;
  issues?: readonly FieldIssue[] | undefined;
  /** Beside the label: who else is in this field. */
  aside?: ReactNode;
  /** The label is for those who cannot see that the place explains itself. */
  isLabelHidden?: boolean;
};
type Described = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined };

export function Field({
  label,
  hint,
  issues = [],
  aside,
  isLabelHidden = false,
  children,
}: Around & { children: (described: Described) => ReactNode }) {
  const id = useId();
  const has = issues.length > 0 || (hint !== undefined && hint !== null && hint !== '');
  const described: Described = {
    id,
    'aria-describedby': has ? `${id}-more` : undefined,
    'aria-invalid': issues.some(({ severity }) => severity === 'error') || undefined,
  };
  return (
    <div className={classes.field}>
      <div className={isLabelHidden ? 'visually-hidden' : classes.label}>
        <label htmlFor={id}>{label}</label>
        {aside}
      </div>
      {children(described)}
      {has && (
        <div id={`${id}-more`}>
          <Issues issues={issues} />
          {hint && <div className={classes.hint}>{hint}</div>}
        </div>
      )}
    </div>
  );
}

export function Issues({ issues }: { issues: readonly FieldIssue[] }) {
  return issues.map(({ severity, message }) => (
    <p key={message} className={classNames(classes.issue, severity === 'warning' && classes.warning)}>
      {severity === 'error' ? <CircleAlert aria-hidden /> : <TriangleAlert aria-hidden />}
      <span>{message}</span>
    </p>
  ));
}

type Split<Props> = { around: Around; rest: Omit<Props, keyof Around> };

function split<Props extends Around>({
  label,
  hint,
  issues,
  aside,
  isLabelHidden,
  ...rest
}: Props): Split<Props> {
  const around: Around = { label, hint, issues, aside, ...(isLabelHidden ? { isLabelHidden } : {}) };
  return { around, rest };
}

export function TextField(props: Around & ComponentProps<'input'> & { isMono?: boolean }) {
  const { around, rest } = split(props);
  const { isMono, className, ...input } = rest;
  return (
    <Field {...around}>
      {(described) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...described}
          {...input}
          className={classNames(classes.input, isMono && classes.mono, className)}
        />
      )}
    </Field>
  );
}

export function TextArea(props: Around & ComponentProps<'textarea'>) {
  const { around, rest } = split(props);
  return (
    <Field {...around}>
      {(described) => <textarea rows={3} {...described} {...rest} className={classes.input} />}
    </Field>
  );
}

/** A value that is none of the options is shown as it is, as somebody wrote it. */
export function SelectField(
  props: Around & ComponentProps<'select'> & { options: readonly { value: string; label: string }[] },
) {
  const { around, rest } = split(props);
  const { options, ...select } = rest;
  const isKnown = options.some(({ value }) => value === select.value);
  return (
    <Field {...around}>
      {(described) => (
        <select {...described} {...select} className={classes.input}>
          {!isKnown && <option value={String(select.value ?? '')}>{String(select.value ?? '')}</option>}
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField({
  label,
  isLabelHidden,
  ...rest
}: Omit<ComponentProps<'input'>, 'type'> & { label: string; isLabelHidden?: boolean }) {
  return (
    <label className={classes.check}>
      <input type="checkbox" {...rest} />
      <span className={isLabelHidden ? 'visually-hidden' : undefined}>{label}</span>
    </label>
  );
}
