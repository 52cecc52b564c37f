// One column of the schema: its name, which is another column as soon as it is another name, its type, and whether it may be empty.
import { isRecord } from '@hakiri/base/json';
import { X } from 'lucide-react';
import { useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { IconButton } from '../../parts/button.tsx';
import { CheckField, Issues, TextField } from '../../parts/field.tsx';
import { Badge } from '../../parts/panel.tsx';
import { strings } from '../../strings/strings.ts';
import { aroundField } from '../form/form-field.tsx';
import type { Form } from '../form/use-form.ts';
import { useTyped } from '../form/use-typed.ts';
import classes from './schema.module.css';
import { renameColumn, writeColumn } from './schema-edits.ts';

const text = strings.editor.schema;

export function ColumnRow({
  form,
  name,
  column,
  isTaken,
  isPartition,
  remove,
}: {
  form: Form;
  name: string;
  column: unknown;
  isTaken(name: string): boolean;
  isPartition: boolean;
  remove(): void;
}) {
  const [typed, setTyped] = useState(name);
  const part = isRecord(column) ? column : {};
  const { canEdit } = form;
  const wanted = typed.trim();
  const isWrong = wanted !== name && isTaken(wanted);
  // Half a name would be a column of its own: it is written when it is left, as by Enter, which leads to the next row.
  const rename = (): void => {
    if (wanted === name || wanted === '') setTyped(name);
    else if (!isWrong) form.edit((doc, key) => renameColumn(doc, key, name, wanted));
  };
  const field = `schema/${name}` as const;
  const ofName = aroundField(form, field, '');
  const ofType = aroundField(form, `${field}/type`, '');
  const type = useTyped<HTMLInputElement>(textOf(part.type), (next) =>
    form.edit((doc, key) => writeColumn(doc, key, name, { type: next })),
  );
  const taken = isWrong ? [{ severity: 'error' as const, message: text.taken(wanted) }] : [];
  return (
    <tr>
      <th scope="row">
        <TextField
          {...ofName}
          label={text.nameOf(name)}
          isLabelHidden
          issues={taken}
          isMono
          readOnly={!canEdit}
          maxLength={200}
          value={typed}
          data-cell="name"
          onChange={({ currentTarget: { value } }) => setTyped(value)}
          onBlur={() => {
            rename();
            ofName.onBlur();
          }}
          onKeyDown={({ key }) => {
            if (key === 'Escape') setTyped(name);
          }}
        />
        {isPartition && <Badge>{text.partition}</Badge>}
        {ofName.aside}
      </th>
      <td>
        <TextField
          {...ofType}
          {...type}
          label={text.typeOf(name)}
          isLabelHidden
          isMono
          readOnly={!canEdit}
          data-undo=""
          data-cell="type"
        />
        <Issues issues={[...ofName.issues, ...form.issues(`${field}/nullable`)]} />
        {ofType.aside}
      </td>
      <td className={classes.narrow}>
        <CheckField
          label={text.nullableOf(name)}
          isLabelHidden
          disabled={!canEdit}
          data-cell="nullable"
          data-field={`${field}/nullable`}
          checked={part.nullable === true}
          onFocus={() => form.focus(`${field}/nullable`)}
          onBlur={form.blur}
          onChange={({ currentTarget: { checked } }) =>
            form.edit((doc, key) => writeColumn(doc, key, name, { nullable: checked }))
          }
        />
      </td>
      <td className={classes.narrow}>
        {canEdit && (
          <IconButton label={text.remove(name)} data-remove="" onClick={remove}>
            <X aria-hidden />
          </IconButton>
        )}
      </td>
    </tr>
  );
}
