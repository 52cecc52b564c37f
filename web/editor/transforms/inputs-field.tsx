// The columns that a transform reads: proposed from the schema and from the transforms before it, in an order that counts.
import { Combobox, ComboboxItem, ComboboxPopover, ComboboxProvider } from '@ariakit/react';
import { X } from 'lucide-react';
import { useState } from 'react';
import { classNames } from '../../parts/class-names.ts';
import field from '../../parts/field.module.css';
import { Field } from '../../parts/field.tsx';
import { isEndOfWord } from '../../parts/keys.ts';
import menu from '../../parts/menu.module.css';
import { useRemovalFocus } from '../../parts/use-removal-focus.ts';
import { strings } from '../../strings/strings.ts';
import form from '../form/form.module.css';
import { aroundField } from '../form/form-field.tsx';
import type { Form } from '../form/use-form.ts';
import { withInputs } from './transform-edits.ts';
import classes from './transforms.module.css';

const text = strings.editor.transforms;
const SHOWN_LIMIT = 50;

export function InputsField({
  form: around,
  field: name,
  label,
  issues,
  inputs,
  columns,
  write,
}: {
  form: Form;
  field: `transforms/${string}`;
  label: string;
  issues: ReturnType<Form['issues']>;
  inputs: readonly string[];
  columns: readonly string[];
  write(inputs: readonly string[]): void;
}) {
  const [typed, setTyped] = useState('');
  const list = useRemovalFocus<HTMLDivElement>(inputs.length);
  const query = typed.trim().toLowerCase();
  const proposals = columns
    .filter((column) => !inputs.includes(column) && column.toLowerCase().includes(query))
    .slice(0, SHOWN_LIMIT);
  const add = (names: string): void => {
    const next = withInputs(inputs, names);
    if (next.length > inputs.length) write(next);
    setTyped('');
  };
  const { className, aside, onFocus, onBlur, 'data-field': dataField } = aroundField(around, name, '');
  return (
    <div {...list} className={classes.inputs}>
      <Field label={label} issues={issues} aside={aside} hint={around.canEdit ? text.inputsHint : ''}>
        {(described) => (
          <ComboboxProvider value={typed} setValue={setTyped} resetValueOnHide={false}>
            <Combobox
              {...described}
              data-field={dataField}
              data-add=""
              spellCheck={false}
              readOnly={!around.canEdit}
              placeholder={inputs.length === 0 && !around.canEdit ? text.inputsNone : ''}
              className={classNames(field.input, field.mono, className)}
              onFocus={onFocus}
              onBlur={() => {
                add(typed);
                onBlur();
              }}
              onPaste={(event) => {
                const pasted = event.clipboardData.getData('text/plain');
                if (!/[,\n\t]/.test(pasted)) return;
                event.preventDefault();
                add(typed + pasted);
              }}
              onKeyDown={(event) => {
                if (event.defaultPrevented) return;
                if (isEndOfWord(event)) {
                  event.preventDefault();
                  add(typed);
                } else if (event.key === 'Backspace' && typed === '' && inputs.length > 0)
                  write(inputs.slice(0, -1));
              }}
            />
            {around.canEdit && proposals.length > 0 && (
              <ComboboxPopover portal gutter={4} sameWidth className={classNames(menu.menu, form.proposals)}>
                {proposals.map((column) => (
                  <ComboboxItem
                    key={column}
                    value={column}
                    setValueOnClick={false}
                    className={menu.item}
                    onClick={() => add(column)}
                  >
                    {column}
                  </ComboboxItem>
                ))}
              </ComboboxPopover>
            )}
          </ComboboxProvider>
        )}
      </Field>
      {inputs.length > 0 && (
        <ol className={form.tags}>
          {inputs.map((input) => (
            <li key={input} className={form.tag}>
              <code>{input}</code>
              {around.canEdit && (
                <button
                  type="button"
                  data-remove=""
                  aria-label={text.removeInput(input)}
                  onClick={() => write(inputs.filter((other) => other !== input))}
                >
                  <X aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
