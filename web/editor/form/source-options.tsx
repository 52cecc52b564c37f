// The options of a source, one row each: its name, its value, and what type that is. Each is a key of its own in the document, so
// that two people can work on two of them.
import { Plus, X } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { isEnter } from '../../parts/keys.ts';
import { useRemovalFocus } from '../../parts/use-removal-focus.ts';
import { strings } from '../../strings/strings.ts';
import { optionsOf, ownOptions } from './elsewhere.ts';
import classes from './form.module.css';
import { aroundField } from './form-field.tsx';
import { converted, type OptionType, type OptionValue, typedAs, typeOf } from './option-value.ts';
import type { Form } from './use-form.ts';
import { useProposals } from './use-proposals.tsx';
import { useTyped } from './use-typed.ts';
import { writeOption } from './write-field.ts';

const text = strings.form.options;
const OWN_FIELDS = new Set(['kind', 'ref']);

export function SourceOptions({ form, source }: { form: Form; source: Readonly<Record<string, unknown>> }) {
  const names = Object.keys(source)
    .filter((name) => !OWN_FIELDS.has(name))
    .sort();
  const list = useRemovalFocus<HTMLFieldSetElement>(names.length);
  if (names.length === 0 && !form.canEdit) return null;
  return (
    <fieldset {...list} className={classes.options}>
      <legend className={classes.legend}>{text.title}</legend>
      {names.map((name) => (
        <Option key={name} form={form} name={name} value={source[name]} />
      ))}
      {form.canEdit && <NewOption form={form} kind={textOf(source.kind)} taken={Object.keys(source)} />}
    </fieldset>
  );
}

function Option({ form, name, value }: { form: Form; name: string; value: unknown }) {
  const type = typeOf(value);
  const write = (next: OptionValue | null): void =>
    form.edit((doc, key) => writeOption(doc, key, name, next));
  const typed = useTyped<HTMLInputElement>(textOf(value), (next) => write(typedAs(type, next)));
  const around = aroundField(form, `source/${name}`, '');
  const current = typeof value === 'number' || typeof value === 'boolean' ? value : textOf(value);
  return (
    <div className={classes.option}>
      {type === 'boolean' ? (
        <SelectField
          {...around}
          label={text.value(name)}
          value={String(value)}
          disabled={!form.canEdit}
          options={['true', 'false'].map((each) => ({ value: each, label: each }))}
          onChange={({ currentTarget }) => write(currentTarget.value === 'true')}
        />
      ) : (
        <TextField
          {...around}
          {...typed}
          label={text.value(name)}
          isMono
          readOnly={!form.canEdit}
          data-undo=""
        />
      )}
      <SelectField
        label={text.type(name)}
        isLabelHidden
        value={type}
        disabled={!form.canEdit}
        options={Object.entries(text.types).map(([each, label]) => ({ value: each, label }))}
        onChange={({ currentTarget }) => {
          const chosen = chosenType(currentTarget.value);
          if (chosen) write(converted(current, chosen));
        }}
      />
      {form.canEdit && (
        <IconButton label={text.remove(name)} data-remove="" onClick={() => write(null)}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

function NewOption({ form, kind, taken }: { form: Form; kind: string; taken: readonly string[] }) {
  const read = useMemo(() => optionsOf(kind), [kind]);
  const names = useProposals(form.pipelineKey, read, ownOptions(kind), taken);
  const [name, setName] = useState('');
  const wanted = name.trim();
  const isTaken = taken.includes(wanted);
  const add = (): void => {
    if (wanted === '' || isTaken) return;
    form.edit((doc, key) => writeOption(doc, key, wanted, ''));
    setName('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isEnter(event)) return;
    event.preventDefault();
    add();
  };
  return (
    <div className={classes.option}>
      <TextField
        label={text.name}
        isLabelHidden
        data-add=""
        placeholder={text.name}
        isMono
        list={names.list}
        onFocus={names.ask}
        maxLength={100}
        value={name}
        issues={isTaken ? [{ severity: 'error', message: text.taken(wanted) }] : []}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {names.proposals}
      <Button look="quiet" onClick={add}>
        <Plus aria-hidden />
        {text.add}
      </Button>
    </div>
  );
}

function chosenType(value: string): OptionType | undefined {
  return value === 'string' || value === 'number' || value === 'boolean' ? value : undefined;
}
