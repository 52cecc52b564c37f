// The dialog that makes a pipeline; what is wrong in it is said beside the field, once somebody wanted to go on.
import { commitEdit, createPipeline } from '@hakiri/config-doc/edit';
import { useRef, useState } from 'react';
import { type FieldIssue, SelectField, TextField } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';
import { GroupField } from './group-field.tsx';
import { ORIGIN } from './list-edits.ts';
import { type Answers, NO_ANSWERS, pipelineOf, wrongIn } from './new-pipeline.ts';

const text = strings.list.create;
const OTHER = 'other';
const KINDS = Object.entries(text.kinds).map(([value, label]) => ({ value, label }));

export function NewPipelineDialog({
  group,
  created,
  close,
}: {
  /** That of the list it is made in. */
  group: string;
  created(key: string): void;
  close(): void;
}) {
  const { connection, pipelines } = useWorkspace();
  const [answers, setAnswers] = useState<Answers>({ ...NO_ANSWERS, group });
  const [isOther, setOther] = useState(false);
  const [wasAsked, setAsked] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const set = (part: Partial<Answers>): void => setAnswers({ ...answers, ...part });
  const wrong = wrongIn(answers, (id) => pipelines.keyOf(id) !== undefined);
  const issues = (field: keyof Answers): readonly FieldIssue[] => {
    const message = wasAsked ? wrong[field] : undefined;
    return message === undefined ? [] : [{ severity: 'error', message }];
  };
  const submit = (): void => {
    setAsked(true);
    if (Object.keys(wrong).length > 0) {
      // The fields know that they are wrong when they are drawn again.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    const { doc } = connection;
    const key = commitEdit(doc, ORIGIN, () => createPipeline(doc, pipelineOf(answers)));
    close();
    created(key);
  };
  return (
    <Question title={text.button} confirm={text.submit} submit={submit} close={close}>
      <div ref={form} style={{ display: 'contents' }}>
        <TextField
          label={text.id}
          hint={text.idHint}
          issues={issues('id')}
          isMono
          maxLength={100}
          value={answers.id}
          onChange={(event) => set({ id: event.target.value })}
        />
        <SelectField
          label={text.kind}
          options={KINDS}
          value={isOther ? OTHER : answers.kind}
          onChange={({ target: { value } }) => {
            setOther(value === OTHER);
            set({ kind: value === OTHER ? '' : value });
          }}
        />
        {isOther && (
          <TextField
            label={text.kindName}
            issues={issues('kind')}
            isMono
            maxLength={60}
            value={answers.kind}
            onChange={(event) => set({ kind: event.target.value })}
          />
        )}
        <TextField
          label={text.ref}
          hint={text.refHint}
          issues={issues('ref')}
          isMono
          maxLength={2000}
          value={answers.ref}
          onChange={(event) => set({ ref: event.target.value })}
        />
        <TextField
          label={text.table}
          hint={text.tableHint}
          issues={issues('table')}
          isMono
          maxLength={200}
          value={answers.table}
          onChange={(event) => set({ table: event.target.value })}
        />
        <GroupField
          label={text.group}
          hint={text.groupHint}
          value={answers.group}
          setValue={(value) => set({ group: value })}
        />
        <p>{text.hint}</p>
      </div>
    </Question>
  );
}
