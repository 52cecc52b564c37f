// A new token for a program: role, pipelines, time; then the token itself, this once.
import type { IssuedToken } from '@hakiri/contracts/auth';
import { TOKEN_PIPELINES_LIMIT } from '@hakiri/contracts/auth';
import type { TokenRole } from '@hakiri/contracts/roles';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { CopyLine } from '../parts/copy-line.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { useSession } from '../screen/context.ts';
import { Question } from '../screen/question.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { mayGive, TOKEN_ROLES } from './rights.ts';
import { readPipelines, type TypedPipelines } from './token-body.ts';

const text = adminWords;
const words = text.tokens;
const NAME_LIMIT = 100;
const DAYS_LIMIT = 366;

export function MakeToken({ changed }: { changed(): Promise<void> }) {
  const [isOpen, setOpen] = useState(false);
  const [issued, setIssued] = useState<IssuedToken>();
  const close = (): void => {
    setOpen(false);
    setIssued(undefined);
  };
  const made = async (token: IssuedToken): Promise<void> => {
    setIssued(token);
    await changed();
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        {words.make}
      </Button>
      {isOpen && !issued && <Ask close={close} made={made} />}
      {isOpen && issued && <Shown issued={issued} close={close} />}
    </>
  );
}

function Shown({ issued: { info, token }, close }: { issued: IssuedToken; close(): void }) {
  return (
    <Dialog
      title={words.made(info.name)}
      isOpen
      close={close}
      actions={<Button onClick={close}>{words.done}</Button>}
    >
      <CopyLine label={words.token} value={token} hint={words.tokenHint} />
      <p>
        <code>{words.use}</code>
      </p>
      <p>
        {words.expiresAt}: <Moment at={info.expiresAt} />
      </p>
    </Dialog>
  );
}

function Ask({ close, made }: { close(): void; made(token: IssuedToken): Promise<void> }) {
  const { client, me } = useSession();
  const [name, setName] = useState('');
  const [role, setRole] = useState<TokenRole>('applier');
  const [days, setDays] = useState('30');
  const [typed, setTyped] = useState('');
  const offered = TOKEN_ROLES.filter((one) => mayGive(me.role, one));
  const read = role === 'node' ? { kind: 'all' as const } : readPipelines(typed);
  const make = async (): Promise<void> => {
    if (read.kind === 'wrong' || read.kind === 'too_many') return;
    const pipelines = read.kind === 'some' ? { pipelines: read.pipelines } : {};
    await made(
      await client.auth.createToken({ name: name.trim(), role, ttlDays: Number(days), ...pipelines }),
    );
  };
  return (
    <Question title={words.makeTitle} confirm={words.submit} submit={make} close={close}>
      <TextField
        label={words.name}
        required
        pattern=".*\S.*"
        maxLength={NAME_LIMIT}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField
        label={words.role}
        hint={text.roleMeans[role]}
        value={role}
        onChange={(event) => setRole(offered.find((one) => one === event.target.value) ?? role)}
        options={offered.map((value) => ({ value, label: text.roles[value] }))}
      />
      {role === 'node' ? (
        <p>{words.nodeWhole}</p>
      ) : (
        <TextField
          label={words.pipelines}
          isMono
          hint={words.pipelinesHint}
          issues={pipelineIssues(read)}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <TextField
        label={words.days}
        type="number"
        required
        min={1}
        max={DAYS_LIMIT}
        hint={words.daysHint}
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
    </Question>
  );
}

function pipelineIssues(read: TypedPipelines) {
  if (read.kind === 'wrong') return [{ severity: 'error' as const, message: words.pipelinesWrong(read.ids) }];
  if (read.kind === 'too_many')
    return [{ severity: 'error' as const, message: words.pipelinesMany(TOKEN_PIPELINES_LIMIT) }];
  return [];
}
