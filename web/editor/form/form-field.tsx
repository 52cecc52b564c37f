// The fields of a form over the live document: what is typed is written at each key, what is wrong stands beside it, who else is
// there is marked, and who may only read can read, focus and copy.
import { memo, type SyntheticEvent } from 'react';
import { textOf } from '../../live/text-of.ts';
import { SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { strings } from '../../strings/strings.ts';
import { FieldPeople, ringOf } from '../../together/field-people.tsx';
import type { FieldName } from './field-names.ts';
import { isSameField } from './same-form.ts';
import type { Form } from './use-form.ts';
import { useTyped } from './use-typed.ts';
import { type WrittenField, writeField } from './write-field.ts';

export type FieldProps = {
  form: Form;
  field: WrittenField;
  /** What stands there, of whatever type somebody wrote. */
  value: unknown;
  hint?: string | undefined;
  placeholder?: string;
};

const text = strings.form;

/** What every control of a field has, whatever it is. */
export function aroundField(form: Form, field: FieldName, hint: string | undefined = text.hints[field]) {
  const others = form.others(field);
  return {
    label: text.fields[field] ?? field,
    issues: form.issues(field),
    aside: <FieldPeople people={others} />,
    className: ringOf(others),
    'data-field': field,
    onFocus: () => form.focus(field),
    onBlur: form.blur,
    // It says what to write there.
    ...(hint && form.canEdit ? { hint } : {}),
  };
}

export const FormText = memo(function FormText({
  form,
  field,
  value,
  hint,
  isMono = false,
  onEnter,
  ...input
}: FieldProps & {
  isMono?: boolean;
  /** Id of a datalist. */
  list?: string;
  /** Somebody came to it. */
  onEnter?(): void;
}) {
  const typed = useTyped<HTMLInputElement>(textOf(value), (next, shown) =>
    form.edit((doc, key) => writeField(doc, key, field, next, shown)),
  );
  return (
    <TextField
      {...aroundField(form, field, hint)}
      {...input}
      {...typed}
      isMono={isMono}
      readOnly={!form.canEdit}
      data-undo=""
      onFocus={() => {
        form.focus(field);
        onEnter?.();
      }}
      onSelect={(event) => form.focus(field, cursorOf(event))}
    />
  );
}, isSameField);

export const FormArea = memo(function FormArea({ form, field, value, hint }: FieldProps) {
  const typed = useTyped<HTMLTextAreaElement>(textOf(value), (next, shown) =>
    form.edit((doc, key) => writeField(doc, key, field, next, shown)),
  );
  return (
    <TextArea
      {...aroundField(form, field, hint)}
      {...typed}
      readOnly={!form.canEdit}
      data-undo=""
      onSelect={(event) => form.focus(field, cursorOf(event))}
    />
  );
}, isSameField);

export const FormSelect = memo(function FormSelect({
  form,
  field,
  value,
  hint,
  choices,
}: FieldProps & { choices: Readonly<Record<string, string>> }) {
  return (
    <SelectField
      {...aroundField(form, field, hint)}
      value={textOf(value)}
      disabled={!form.canEdit}
      options={Object.entries(choices).map(([choice, label]) => ({ value: choice, label }))}
      onChange={({ currentTarget: { value: chosen } }) =>
        form.edit((doc, key) => writeField(doc, key, field, chosen))
      }
    />
  );
}, isSameField);

export function cursorOf({ currentTarget }: SyntheticEvent<HTMLInputElement | HTMLTextAreaElement>) {
  const { selectionStart, selectionEnd, selectionDirection } = currentTarget;
  const [start, end] = [selectionStart ?? 0, selectionEnd ?? 0];
  return selectionDirection === 'backward' ? { anchor: end, head: start } : { anchor: start, head: end };
}
