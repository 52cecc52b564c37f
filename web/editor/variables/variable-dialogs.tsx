// The questions before a variable is made, renamed or deleted: what that breaks is said first, with the way to break nothing.
import type { VariableDraft } from '@hakiri/contracts/config';
import { useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useStore, useTopic } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import { CheckField, type FieldIssue, TextArea, TextField } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';
import { createVariable, removeVariable, renameVariable, wrongName } from './variable-edits.ts';

const text = strings.editor.variables;
const VALUE_SHOWN_CHARS = 120;

type Close = { close(): void };

export function CreateVariable({ taken, close }: { taken: ReadonlySet<string> } & Close) {
  const { connection } = useWorkspace();
  const [typed, setTyped] = useState({ name: '', value: '', comment: '' });
  const [wasAsked, setAsked] = useState(false);
  const issues = wasAsked ? nameIssues(typed.name, taken) : [];
  const submit = (): void => {
    setAsked(true);
    if (wrongName(typed.name, taken)) return;
    createVariable(connection.doc, typed.name, typed.value, typed.comment);
    close();
  };
  return (
    <Question title={text.create} confirm={text.create} submit={submit} close={close}>
      <TextField
        label={text.name}
        hint={text.rename.hint}
        issues={issues}
        isMono
        maxLength={100}
        value={typed.name}
        onChange={({ currentTarget: { value } }) => setTyped({ ...typed, name: value })}
      />
      <TextArea
        label={text.value}
        maxLength={10_000}
        value={typed.value}
        onChange={({ currentTarget: { value } }) => setTyped({ ...typed, value })}
      />
      <TextField
        label={text.comment}
        maxLength={2_000}
        value={typed.comment}
        onChange={({ currentTarget: { value } }) => setTyped({ ...typed, comment: value })}
      />
    </Question>
  );
}

export function RenameVariable({
  variable,
  taken,
  close,
}: { variable: VariableDraft; taken: ReadonlySet<string> } & Close) {
  const { connection } = useWorkspace();
  const from = textOf(variable.name);
  const [to, setTo] = useState(from);
  const [isEverywhere, setEverywhere] = useState(true);
  const [wasAsked, setAsked] = useState(false);
  const { breaks, users, isKnown } = useBreaks(from);
  const submit = (): void => {
    setAsked(true);
    if (to === from) close();
    if (to === from || wrongName(to, taken) || !isKnown) return;
    const count = renameVariable(connection.doc, variable.key, to, isEverywhere ? users : []);
    announce(
      count === undefined
        ? text.lost
        : count === 0
          ? text.rename.done(from, to)
          : text.rename.doneIn(from, to, count),
    );
    close();
  };
  return (
    <Question title={text.rename.title(from)} confirm={text.rename.confirm} submit={submit} close={close}>
      <TextField
        label={text.rename.label}
        hint={text.rename.hint}
        issues={wasAsked && to !== from ? nameIssues(to, taken) : []}
        isMono
        maxLength={100}
        value={to}
        onChange={({ currentTarget: { value } }) => setTo(value)}
      />
      <Breaks
        breaks={breaks}
        isKnown={isKnown}
        unusedSo={text.rename.unusedSo}
        sentence={text.rename.breaks}
      />
      {users.length > 0 && (
        <CheckField
          label={text.rename.offer}
          checked={isEverywhere}
          onChange={({ currentTarget: { checked } }) => setEverywhere(checked)}
        />
      )}
    </Question>
  );
}

export function RemoveVariable({ variable, close }: { variable: VariableDraft } & Close) {
  const { connection } = useWorkspace();
  const name = textOf(variable.name);
  const value = textOf(variable.value);
  const [isReplaced, setReplaced] = useState(false);
  const { breaks, users, isKnown } = useBreaks(name);
  const submit = (): void => {
    if (!isKnown) return;
    const count = removeVariable(connection.doc, variable.key, isReplaced ? users : []);
    announce(
      count === undefined
        ? text.lost
        : count === 0
          ? text.remove.done(name)
          : text.remove.doneIn(name, count),
    );
    close();
  };
  return (
    <Question
      title={text.remove.title(name)}
      confirm={text.remove.confirm}
      isDangerous
      submit={submit}
      close={close}
    >
      <Breaks
        breaks={breaks}
        isKnown={isKnown}
        unusedSo={text.remove.unusedSo}
        sentence={text.remove.breaks}
      />
      {users.length > 0 && (
        <>
          <CheckField
            label={text.remove.offer}
            checked={isReplaced}
            onChange={({ currentTarget: { checked } }) => setReplaced(checked)}
          />
          <p>{text.remove.offerExplain(value.slice(0, VALUE_SHOWN_CHARS))}</p>
        </>
      )}
    </Question>
  );
}

function Breaks({
  breaks,
  isKnown,
  unusedSo,
  sentence,
}: {
  breaks: string | undefined;
  isKnown: boolean;
  unusedSo: string;
  sentence(pipelines: string): string;
}) {
  if (!isKnown) return <p role="status">{text.stillLooking}</p>;
  return <p>{breaks === undefined ? unusedSo : sentence(breaks)}</p>;
}

/** Undefined `breaks`: nothing refers to it. */
function useBreaks(name: string): { breaks: string | undefined; users: readonly string[]; isKnown: boolean } {
  const { variableUses } = useWorkspace();
  const isKnown = useStore(variableUses.isKnown);
  const uses = useTopic(variableUses.subscribe, name, variableUses.of);
  const fields = uses.reduce((count, { paths }) => count + paths.length, 0);
  return {
    breaks: uses.length === 0 ? undefined : text.uses(uses.length, fields),
    users: uses.map(({ pipeline }) => pipeline),
    isKnown,
  };
}

function nameIssues(name: string, taken: ReadonlySet<string>): FieldIssue[] {
  const wrong = wrongName(name, taken);
  if (wrong === undefined) return [];
  return [{ severity: 'error', message: wrong === 'taken' ? text.taken(name) : text.invalid }];
}
