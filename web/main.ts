// The page's beginning: starts Loro, finds out who is here, and shows the door or the workspace.
import { createClient } from '@hakiri/client/client';
import { createSessionSource } from '@hakiri/client/session';
import startLoro from 'loro-crdt/web/loro_wasm.js';
import { button, make } from './dom.ts';
import { createSignIn, redeem, redeemFailure, takeCodeFromAddress } from './sign-in.ts';
import { onOtherUser, storedSession } from './stored-session.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const place = document.getElementById('page') ?? document.body;
const loro = startLoro({ module_or_path: document.body.dataset.loro ?? '' });
const tokens = createSessionSource({ url: location.origin, store: storedSession });
const client = createClient({ url: location.origin, tokens });
let workspace: Workspace | undefined;

function show(element: HTMLElement): void {
  place.replaceChildren(element);
}

function showDoor(failure?: string): void {
  workspace?.close();
  workspace = undefined;
  const onSession: Parameters<typeof createSignIn>[0]['onSession'] = (session) => {
    storedSession.save(session);
    void enter();
  };
  show(createSignIn(failure === undefined ? { onSession } : { failure, onSession }));
}

async function enter(): Promise<void> {
  workspace?.close();
  show(make('p', { class: 'notice' }, 'Opening the document…'));
  try {
    await loro;
    workspace = await openWorkspace(client, signOut);
    show(workspace.element);
  } catch (error) {
    if (!storedSession.load()) return showDoor('Your session has ended. Sign in again.');
    const reason = error instanceof Error ? error.message : String(error);
    const ways = make(
      'div',
      { class: 'actions' },
      button('Try again', enter, { class: 'primary' }),
      button('Sign out', signOut),
    );
    show(
      make(
        'section',
        { class: 'door panel' },
        make('h1', {}, 'Not connected'),
        make('p', { role: 'alert' }, reason),
        ways,
      ),
    );
  }
}

async function signOut(): Promise<void> {
  // Without an answer it still ends here; the server forgets the session when it expires.
  await client.auth.logout().catch(() => {});
  storedSession.save(undefined);
  showDoor();
}

async function begin(): Promise<void> {
  const code = takeCodeFromAddress();
  if (code === undefined) return storedSession.load() ? enter() : showDoor();
  try {
    storedSession.save(await redeem(code));
    await enter();
  } catch (error) {
    // A link opened a second time is no reason to lose a session that works.
    if (storedSession.load()) await enter();
    else showDoor(redeemFailure(error));
  }
}

tokens.onEnd(() => showDoor('Your session has ended. Sign in again.'));
onOtherUser(() => location.reload());
window.addEventListener('hashchange', () => void begin());
void begin();
