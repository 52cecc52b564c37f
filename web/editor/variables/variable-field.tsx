// A field of the form that may refer to variables: they are proposed while one is typed.
import { type ComponentProps, type KeyboardEvent, useId, useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useStore } from '../../live/use-store.ts';
import { classNames } from '../../parts/class-names.ts';
import fieldClasses from '../../parts/field.module.css';
import { Field } from '../../parts/field.tsx';
import { isEnter } from '../../parts/keys.ts';
import menu from '../../parts/menu.module.css';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { aroundField, cursorOf, type FieldProps } from '../form/form-field.tsx';
import { useTyped } from '../form/use-typed.ts';
import { writeField } from '../form/write-field.ts';
import { type Begun, begunVariable, completed, proposedNames } from './variable-completion.ts';
import classes from './variables.module.css';

const SHOWN = 8;

export function VariableField({ form, field, value, hint }: FieldProps) {
  const { variables } = useWorkspace();
  const list = useStore(variables.list);
  const id = useId();
  const [begun, setBegun] = useState<Begun>();
  const [active, setActive] = useState(0);
  const typed = useTyped<HTMLInputElement>(textOf(value), (next, shown) =>
    form.edit((doc, key) => writeField(doc, key, field, next, shown)),
  );
  const names = begun
    ? proposedNames(
        list.map(({ name }) => textOf(name)),
        begun.typed,
        SHOWN,
      )
    : [];
  const isOpen = form.canEdit && names.length > 0;
  const chosen = names[Math.min(active, names.length - 1)];

  const look = (input: HTMLInputElement): void => {
    setBegun(begunVariable(input.value, input.selectionStart ?? 0));
    setActive(0);
  };
  const take = (name: string): void => {
    const input = typed.ref.current;
    if (!input || !begun) return;
    const { text, caret } = completed(input.value, begun, name);
    input.value = text;
    input.setSelectionRange(caret, caret);
    // As if it had been typed.
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen || chosen === undefined) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive((active + step + names.length) % names.length);
    else if (isEnter(event) || event.key === 'Tab') take(chosen);
    else if (event.key === 'Escape') setBegun(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const {
    className,
    label,
    hint: shownHint,
    issues,
    aside,
    onBlur,
    ...rest
  } = aroundField(form, field, hint);
  const combobox: ComponentProps<'input'> = {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? id : undefined,
    'aria-activedescendant': isOpen ? `${id}-${chosen}` : undefined,
  };
  return (
    <Field label={label} issues={issues} aside={aside} hint={shownHint}>
      {(described) => (
        <div className={classes.field}>
          <input
            type="text"
            autoComplete="off"
            spellCheck={false}
            {...described}
            {...rest}
            {...typed}
            {...combobox}
            readOnly={!form.canEdit}
            data-undo=""
            className={classNames(fieldClasses.input, fieldClasses.mono, className)}
            onInput={(event) => {
              typed.onInput?.(event);
              look(event.currentTarget);
            }}
            onSelect={(event) => form.focus(field, cursorOf(event))}
            onKeyDown={onKeyDown}
            onBlur={() => {
              setBegun(undefined);
              onBlur();
            }}
          />
          {isOpen && (
            <div
              id={id}
              role="listbox"
              aria-label={strings.editor.variables.title}
              className={classNames(menu.menu, classes.proposals)}
            >
              {names.map((name) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the input's, which keeps the focus
                // biome-ignore lint/a11y/useFocusableInteractive: the input says which one is meant
                <div
                  key={name}
                  id={`${id}-${name}`}
                  role="option"
                  aria-selected={name === chosen}
                  data-active-item={name === chosen || undefined}
                  className={menu.item}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => take(name)}
                >
                  <code>{name}</code>
                </div>
              ))}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
