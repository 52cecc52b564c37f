// A field that proposes what is there already, and takes anything else as it is typed.
import { Combobox, ComboboxItem, ComboboxPopover, ComboboxProvider, useComboboxStore } from '@ariakit/react';
import { memo, useDeferredValue, useMemo, useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { classNames } from '../../parts/class-names.ts';
import field from '../../parts/field.module.css';
import { Field } from '../../parts/field.tsx';
import { isEnter } from '../../parts/keys.ts';
import menu from '../../parts/menu.module.css';
import classes from './form.module.css';
import { aroundField, type FieldProps } from './form-field.tsx';
import { followed, untouched, whole, written } from './half-typed.ts';
import { isSameField } from './same-form.ts';
import { writeField } from './write-field.ts';

export type Proposal = { value: string; label?: string };
const SHOWN_LIMIT = 50;

export const FormCombobox = memo(function FormCombobox({
  form,
  field: name,
  value,
  hint,
  placeholder,
  proposals,
  isWrittenWhole = false,
  isMono = false,
}: FieldProps & {
  proposals: readonly Proposal[];
  /** Half of it would be something else, such as a group of its own: written when it is chosen or left. */
  isWrittenWhole?: boolean;
  isMono?: boolean;
}) {
  const there = textOf(value);
  const [held, setHeld] = useState(() => untouched(there));
  if (held.there !== there) setHeld(followed(held, there, isWrittenWhole));
  const { typed, cameTo } = held;
  const write = (next: string): void => form.edit((doc, key) => writeField(doc, key, name, next));
  const writeWhole = (next: string | undefined): void => {
    if (!isWrittenWhole || next === undefined) return;
    setHeld((now) => written(now, next));
    write(next);
  };
  const store = useComboboxStore({
    value: typed,
    setValue(next) {
      setHeld((now) => ({ ...now, typed: next }));
      // Also when the document held it at the last drawing: what was written since may be something else.
      if (!isWrittenWhole) write(next);
    },
  });
  // Somebody who came to it looks for what there is until they type something else.
  const query = useDeferredValue(typed).trim().toLowerCase();
  const isUntouched = query === cameTo.trim().toLowerCase();
  const shown = useMemo(() => matching(proposals, isUntouched ? '' : query), [proposals, query, isUntouched]);
  const { className, label, hint: shownHint, issues, aside, ...rest } = aroundField(form, name, hint);
  return (
    <Field label={label} issues={issues} aside={aside} hint={shownHint}>
      {(described) => (
        <ComboboxProvider store={store}>
          <Combobox
            {...described}
            {...rest}
            placeholder={placeholder}
            spellCheck={false}
            readOnly={!form.canEdit}
            {...(isWrittenWhole ? {} : { 'data-undo': '' })}
            className={classNames(field.input, isMono && field.mono, className)}
            onFocus={() => {
              setHeld((now) => ({ ...now, cameTo: now.typed }));
              form.focus(name);
            }}
            onBlur={() => {
              writeWhole(whole(held));
              form.blur();
            }}
            onKeyDown={(event) => {
              if (isEnter(event) && !event.defaultPrevented) writeWhole(whole(held));
            }}
          />
          {form.canEdit && (
            <ComboboxPopover
              portal
              unmountOnHide
              gutter={4}
              sameWidth
              className={classNames(menu.menu, classes.proposals)}
            >
              {shown.map((proposal) => (
                <ComboboxItem
                  key={proposal.value}
                  value={proposal.value}
                  className={menu.item}
                  onClick={() => writeWhole(proposal.value)}
                >
                  {proposal.value}
                  {proposal.label && <span className={menu.aside}>{proposal.label}</span>}
                </ComboboxItem>
              ))}
            </ComboboxPopover>
          )}
        </ComboboxProvider>
      )}
    </Field>
  );
}, isSameField);

function matching(proposals: readonly Proposal[], query: string): Proposal[] {
  const found: Proposal[] = [];
  for (const proposal of proposals) {
    if (`${proposal.value} ${proposal.label ?? ''}`.toLowerCase().includes(query)) found.push(proposal);
    if (found.length >= SHOWN_LIMIT) break;
  }
  return found;
}
