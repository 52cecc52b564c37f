// The door: a one-time link signs in by itself, and one that names nobody asks for a name; without a link, a code can be typed.
import { ApiProblem } from '@hakiri/client/errors';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { TextField } from '../parts/field.tsx';
import { Banner } from '../parts/panel.tsx';
import type { Entrance } from '../screen/session.ts';
import { strings } from '../strings/strings.ts';
import classes from './door.module.css';
import { CODE_MIN, codeOfLink, notACode } from './link-code.ts';

const text = strings.app.door;
const NAME_LIMIT = 100;

/** Why somebody stands at the door. */
export type AtDoor =
  | { kind: 'ended' | 'signed_out' | 'bad_link' }
  | { kind: 'name'; code: string }
  /** Somebody is signed in, as `me`, and opens a link. */
  | { kind: 'instead'; code: string; me: string }
  | { kind: 'failed'; reason: string };

/** The code in the address, taken out of it at once: it must not stay in the history. */
export function takeCodeFromAddress(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}

export function whyNotIn(code: string, error: unknown): AtDoor {
  const wrong = notACode(code);
  if (wrong !== undefined) return { kind: 'failed', reason: text.notACode[wrong] };
  const problem = error instanceof ApiProblem ? error.problem.code : undefined;
  if (problem === 'name_required') return { kind: 'name', code };
  if (problem === 'unauthenticated') return { kind: 'bad_link' };
  return { kind: 'failed', reason: failureSentence(error) };
}

export function Door({
  waits: first,
  redeem,
  entered,
  stay,
}: {
  waits: AtDoor | undefined;
  redeem: Entrance['redeem'];
  entered(): void;
  /** When a session works all the same. */
  stay?: (() => void) | undefined;
}) {
  const [waits, setWaits] = useState(first);
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [isBusy, setBusy] = useState(false);
  const asked = waits?.kind === 'name' ? waits.code : undefined;
  const instead = waits?.kind === 'instead' ? waits : undefined;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const given = asked ?? instead?.code ?? codeOfLink(code);
    try {
      await redeem(given, asked === undefined ? undefined : name.trim());
      entered();
    } catch (error) {
      setWaits(whyNotIn(given, error));
      setBusy(false);
    }
  };
  return (
    <main className={classes.door}>
      <form className={classes.panel} onSubmit={submit}>
        <img src="/icon.svg" alt="" width="32" height="32" />
        <h1>{strings.app.name}</h1>
        <p>{instead ? text.instead(instead.me) : asked === undefined ? text.explain : text.welcome}</p>
        <Why waits={waits} />
        {instead ? null : asked === undefined ? (
          <TextField
            key="code"
            label={text.label}
            required
            minLength={CODE_MIN}
            isMono
            value={code}
            onChange={(event) => setCode(event.target.value)}
            hint={text.hint}
          />
        ) : (
          <TextField
            key="name"
            label={text.name}
            required
            autoFocus
            autoComplete="name"
            pattern=".*\S.*"
            maxLength={NAME_LIMIT}
            value={name}
            onChange={(event) => setName(event.target.value)}
            hint={text.nameHint}
          />
        )}
        <Button type="submit" look="primary" disabled={isBusy}>
          {instead ? text.useInstead : asked === undefined ? text.submit : text.join}
        </Button>
        {stay && <Button onClick={stay}>{text.stay}</Button>}
        {asked !== undefined && !stay && (
          <Button look="quiet" onClick={() => setWaits(undefined)}>
            {text.otherLink}
          </Button>
        )}
      </form>
    </main>
  );
}

function Why({ waits }: { waits: AtDoor | undefined }) {
  switch (waits?.kind) {
    case 'ended':
      return <Banner tone="bad">{text.ended}</Banner>;
    case 'signed_out':
      return <Banner tone="info">{text.signedOut}</Banner>;
    case 'bad_link':
      return (
        <Banner tone="bad">
          <p>{text.badLink}</p>
          <p>{text.badLinkWay}</p>
        </Banner>
      );
    case 'failed':
      return <Banner tone="bad">{waits.reason}</Banner>;
    default:
      return null;
  }
}
