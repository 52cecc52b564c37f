// The last row of the table, in which the next column is begun: Enter adds it, and what is pasted adds them all.
import { Plus } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { IconButton } from '../../parts/button.tsx';
import { CheckField, TextField } from '../../parts/field.tsx';
import { isEnter } from '../../parts/keys.ts';
import { strings } from '../../strings/strings.ts';
import classes from './schema.module.css';
import type { ColumnPart } from './schema-edits.ts';

const text = strings.editor.schema;
const NOTHING = { name: '', type: '', nullable: false };

export function NewColumnRow({
  isTaken,
  add,
}: {
  isTaken(name: string): boolean;
  add(name: string, column: ColumnPart): void;
}) {
  const [typed, setTyped] = useState(NOTHING);
  const first = useRef<HTMLInputElement>(null);
  const name = typed.name.trim();
  const isWrong = isTaken(name);
  const submit = (): void => {
    first.current?.focus();
    if (name === '' || isWrong) return;
    add(name, { type: typed.type.trim(), nullable: typed.nullable });
    setTyped(NOTHING);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isEnter(event)) return;
    event.preventDefault();
    submit();
  };
  return (
    <tr>
      <th scope="row">
        <TextField
          ref={first}
          label={text.newName}
          isLabelHidden
          placeholder={text.newColumn}
          isMono
          maxLength={200}
          data-cell="name"
          data-add=""
          issues={isWrong ? [{ severity: 'error', message: text.taken(name) }] : []}
          value={typed.name}
          onChange={({ currentTarget: { value } }) => setTyped({ ...typed, name: value })}
          onKeyDown={onKeyDown}
        />
      </th>
      <td>
        <TextField
          label={text.newType}
          isLabelHidden
          placeholder={text.type}
          isMono
          maxLength={60}
          data-cell="type"
          value={typed.type}
          onChange={({ currentTarget: { value } }) => setTyped({ ...typed, type: value })}
          onKeyDown={onKeyDown}
        />
      </td>
      <td className={classes.narrow}>
        <CheckField
          label={text.nullable}
          isLabelHidden
          data-cell="nullable"
          checked={typed.nullable}
          onChange={({ currentTarget: { checked } }) => setTyped({ ...typed, nullable: checked })}
          onKeyDown={onKeyDown}
        />
      </td>
      <td className={classes.narrow}>
        <IconButton label={text.add} onClick={submit}>
          <Plus aria-hidden />
        </IconButton>
      </td>
    </tr>
  );
}
