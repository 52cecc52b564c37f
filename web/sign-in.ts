// The door: a one-time link signs in by itself; without one, a code can be typed.
import { createClient } from '@hakiri/client/client';
import { ApiProblem } from '@hakiri/client/errors';
import type { Session } from '@hakiri/contracts/auth';
import { labelled, make } from './dom.ts';

/** The code in the address, taken out of it at once: it must not stay in the history. */
export function takeCodeFromAddress(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}

export function redeem(code: string): Promise<Session> {
  return createClient({ url: location.origin }).auth.redeem({ code });
}

/** Why a code did not work, in a sentence. */
export function redeemFailure(error: unknown): string {
  if (error instanceof ApiProblem) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}

export function createSignIn(options: { failure?: string; onSession(session: Session): void }): HTMLElement {
  const code = make('input', {
    type: 'text',
    required: true,
    minlength: 16,
    autocomplete: 'off',
    spellcheck: 'false',
    class: 'code',
  });
  const failure = make('p', { class: 'bad', role: 'alert' }, options.failure ?? '');
  const submit = make('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const form = make(
    'form',
    { class: 'door panel' },
    make('h1', {}, 'hakiri-control'),
    make('p', {}, 'Open the sign-in link you were given, or paste it here.'),
    labelled('Link or code', code),
    submit,
    failure,
    make(
      'p',
      { class: 'hint' },
      'No link? A colleague makes one under Invite. On the server, the first start prints one.',
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    failure.textContent = '';
    try {
      options.onSession(await redeem(code.value.trim().replace(/^.*#code=/, '')));
    } catch (error) {
      failure.textContent = redeemFailure(error);
      submit.disabled = false;
    }
  });
  return form;
}
