// Makes another document, and opens it.
import { DocId } from '@hakiri/contracts/names';
import { Check } from '@sinclair/typebox/value';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { useSubmit } from '../parts/use-press.ts';
import { strings } from '../strings/strings.ts';
import classes from './documents-dialog.module.css';

const text = strings.documents;

export function NewDocument({ create }: { create(doc: string, title: string): Promise<void> }) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [wasAsked, setAsked] = useState(false);
  const isWrong = !Check(DocId, name.trim());
  const { submit } = useSubmit(async () => {
    setAsked(true);
    if (!isWrong) await create(name.trim(), title.trim());
  });
  return (
    <form className={classes.form} aria-label={text.createLegend} onSubmit={submit}>
      <h2>{text.createLegend}</h2>
      <TextField
        label={text.name}
        hint={text.nameHint}
        isMono
        maxLength={40}
        issues={wasAsked && isWrong ? [{ severity: 'error', message: text.wrongName }] : []}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={text.titleLabel}
        hint={text.titleHint}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Button type="submit">{text.createSubmit}</Button>
    </form>
  );
}
