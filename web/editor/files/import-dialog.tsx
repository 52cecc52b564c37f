// Import of a file: first what it would do, said by the server, then, when somebody wants that, the import itself.
import { Unreachable } from '@hakiri/client/errors';
import type { ImportResult } from '@hakiri/contracts/apply';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { type ChangeEvent, useRef, useState } from 'react';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { codeOf, failureSentence, issuesOf } from '../../parts/failure.ts';
import { Field, SelectField } from '../../parts/field.tsx';
import { Banner, Waiting } from '../../parts/panel.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { FileIssues, ImportPlan } from './import-plan.tsx';

const text = strings.list.files;
/** What the server takes. */
const FILE_LIMIT_BYTES = 8 * 1024 * 1024;
type Mode = 'merge' | 'replace';
type Chosen = { text: string; format: 'toml' | 'json' };
type Looked =
  | { kind: 'none' | 'looking' }
  | { kind: 'failed'; reason: string; issues?: readonly ConfigIssue[]; isMoved?: boolean }
  /** What was looked at is what is written. */
  | { kind: 'plan'; plan: ImportResult; of: Chosen; by: Mode };

export function ImportDialog({ close }: { close(): void }) {
  const { docId } = useWorkspace();
  const { client } = useSession();
  const [chosen, setChosen] = useState<Chosen>();
  const [mode, setMode] = useState<Mode>('merge');
  const [looked, setLooked] = useState<Looked>({ kind: 'none' });
  // Answers come in any order: only that to the last question counts.
  const asked = useRef(0);
  const options = (of: Chosen, by: Mode) => ({ doc: docId, format: of.format, mode: by });

  const look = async (of: Chosen, by: Mode): Promise<void> => {
    asked.current += 1;
    const question = asked.current;
    setLooked({ kind: 'looking' });
    const answer = await client.apply.import(of.text, { ...options(of, by), dryRun: true }).then(
      (plan): Looked => ({ kind: 'plan', plan, of, by }),
      (error): Looked => failed(error),
    );
    if (question === asked.current) setLooked(answer);
  };
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = target.files?.[0];
    setChosen(undefined);
    asked.current += 1;
    if (!file) return setLooked({ kind: 'none' });
    if (file.size > FILE_LIMIT_BYTES) return setLooked({ kind: 'failed', reason: text.tooLarge });
    const next: Chosen = { text: await file.text(), format: file.name.endsWith('.json') ? 'json' : 'toml' };
    setChosen(next);
    await look(next, mode);
  };
  const chooseMode = (next: Mode): void => {
    setMode(next);
    if (chosen) void look(chosen, next);
  };
  const write = async (): Promise<void> => {
    if (looked.kind !== 'plan') return;
    const { of, by, plan } = looked;
    try {
      const asSeen = plan.digest === undefined ? {} : { digest: plan.digest };
      const result = await client.apply.import(of.text, { ...options(of, by), ...asSeen });
      close();
      announce(text.done(result));
    } catch (error) {
      // Who heard nothing does not know what became of it, and neither do we.
      const isSilence = error instanceof Unreachable;
      setLooked({
        ...failed(error),
        ...(isSilence ? { reason: text.noAnswer } : {}),
        isMoved: codeOf(error) === 'document_moved',
      });
    }
  };

  return (
    <Dialog
      title={text.title}
      isOpen
      close={close}
      actions={
        <>
          <Button onClick={close}>{strings.parts.cancel}</Button>
          <Button look="primary" disabled={looked.kind !== 'plan'} onClick={write}>
            {text.submit}
          </Button>
        </>
      }
    >
      <Field label={text.choose}>
        {(described) => (
          <input
            {...described}
            type="file"
            accept=".toml,.json"
            // The same file again, mended meanwhile, is another choice.
            onClick={({ currentTarget }) => {
              currentTarget.value = '';
            }}
            onChange={(event) => void choose(event)}
          />
        )}
      </Field>
      <SelectField
        label={text.mode}
        options={[
          { value: 'merge', label: text.modes.merge },
          { value: 'replace', label: text.modes.replace },
        ]}
        value={mode}
        onChange={({ target }) => chooseMode(target.value === 'replace' ? 'replace' : 'merge')}
      />
      {looked.kind === 'looking' && <Waiting>{text.looking}</Waiting>}
      {looked.kind === 'failed' && (
        <Banner
          tone="bad"
          actions={
            looked.isMoved && chosen && <Button onClick={() => look(chosen, mode)}>{text.again}</Button>
          }
        >
          {looked.reason}
        </Banner>
      )}
      {looked.kind === 'failed' && looked.issues && <FileIssues issues={looked.issues} />}
      {looked.kind === 'plan' && <ImportPlan plan={looked.plan} />}
    </Dialog>
  );
}

function failed(error: unknown): Extract<Looked, { kind: 'failed' }> {
  const issues = issuesOf(error);
  const why = issues.length > 0 ? text.mend : failureSentence(error);
  return { kind: 'failed', reason: `${text.failed} ${why}`, issues };
}
