// The door: a one-time link signs in by itself; without one, a code can be typed.
import { ApiProblem } from '@hakiri/client/errors';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Banner } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';
import classes from './door.module.css';
import type { Entrance } from './session.ts';

const text = strings.app.door;
const CODE_MIN = 16;

/** The code in the address, taken out of it at once: it must not stay in the history. */
export function takeCodeFromAddress(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}

/** Why a code did not work, in a sentence. */
export function redeemFailure(error: unknown): string {
  if (error instanceof ApiProblem) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}

export function Door({
  failure,
  redeem,
  entered,
}: {
  failure: string | undefined;
  redeem: Entrance['redeem'];
  entered(): void;
}) {
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState(failure);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await redeem(code.trim().replace(/^.*#code=/, ''));
      entered();
    } catch (error) {
      setProblem(redeemFailure(error));
      setBusy(false);
    }
  };
  return (
    <main className={classes.door}>
      <form className={classes.panel} onSubmit={submit}>
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1>{strings.app.name}</h1>
        <p>{text.explain}</p>
        {problem && <Banner tone="bad">{problem}</Banner>}
        <TextField
          label={text.label}
          required
          minLength={CODE_MIN}
          isMono
          value={code}
          onChange={(event) => setCode(event.target.value)}
          hint={text.hint}
        />
        <Button type="submit" look="primary" disabled={isBusy}>
          {text.submit}
        </Button>
      </form>
    </main>
  );
}
