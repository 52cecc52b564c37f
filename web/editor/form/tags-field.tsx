// The tags of a pipeline: a set of words that several people may change at once.

import { isRecord } from '@hakiri/base/json';
import { X } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { TextField } from '../../parts/field.tsx';
import { isEndOfWord } from '../../parts/keys.ts';
import { useRemovalFocus } from '../../parts/use-removal-focus.ts';
import { strings } from '../../strings/strings.ts';
import classes from './form.module.css';
import { aroundField } from './form-field.tsx';
import type { Form } from './use-form.ts';
import { writeTag } from './write-field.ts';

const text = strings.form.tags;

export function TagsField({ form }: { form: Form }) {
  const [typed, setTyped] = useState('');
  const tags = tagsOf(form.draft.tags);
  const add = (): void => {
    const tag = typed.trim();
    if (tag === '') return;
    form.edit((doc, key) => writeTag(doc, key, tag, true));
    setTyped('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isEndOfWord(event)) return;
    event.preventDefault();
    add();
  };
  const { onBlur, ...around } = aroundField(form, 'tags');
  const list = useRemovalFocus<HTMLDivElement>(tags.length);
  return (
    <div {...list} className={classes.tagsField}>
      <TextField
        {...around}
        data-add=""
        value={typed}
        placeholder={form.canEdit ? text.add : tags.length === 0 ? text.none : ''}
        readOnly={!form.canEdit}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          add();
          onBlur();
        }}
      />
      {tags.length > 0 && (
        <ul className={classes.tags}>
          {tags.map((tag) => (
            <li key={tag} className={classes.tag}>
              {tag}
              {form.canEdit && (
                <button
                  type="button"
                  data-remove=""
                  aria-label={text.remove(tag)}
                  onClick={() => form.edit((doc, key) => writeTag(doc, key, tag, false))}
                >
                  <X aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What is no set of words is shown by its issue. */
function tagsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((tag) => typeof tag === 'string').sort();
  return isRecord(value) ? Object.keys(value).sort() : [];
}
