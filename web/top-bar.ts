// The line above everything: where we are, whether what was typed is safe, who is here, and the few things one does rarely.
import type { SyncStatus } from '@hakiri/client/sync';
import { button, make, setText } from './dom.ts';
import { face } from './pipeline-list.ts';
import { oncePerUser, type Person } from './presence.ts';
import { type Unapplied, unappliedText } from './unapplied.ts';

export type TopBarActions = {
  create?: () => unknown;
  importFile?: (file: File) => unknown;
  invite?: () => unknown;
  signOut: () => unknown;
};

export function createTopBar(actions: TopBarActions, place: { team: string; doc: string; who: string }) {
  const state = make('span', { class: 'state', role: 'status' });
  const live = make('span', {});
  const pending = make('span', { class: 'pending' });
  const people = make('div', { class: 'people', role: 'group', 'aria-label': 'Who is here' });
  const { create, importFile, invite } = actions;
  const element = make(
    'header',
    { class: 'top' },
    make('h1', {}, 'hakiri', make('span', { class: 'place' }, `${place.team} / ${place.doc}`)),
    state,
    make('span', { class: 'live' }, live, pending),
    people,
    make(
      'nav',
      { 'aria-label': 'Actions' },
      ...(create ? [button('New pipeline', create)] : []),
      ...(importFile ? [fileButton('Import', importFile)] : []),
      ...(invite ? [button('Invite', invite)] : []),
      button('Sign out', actions.signOut, { class: 'quiet', title: `Signed in as ${place.who}` }),
    ),
  );
  return {
    element,
    showState(status: SyncStatus): void {
      setText(state, stateText(status));
      state.className = `state ${status.kind}`;
    },
    showLive(label: string | undefined): void {
      setText(live, label === undefined ? 'nothing applied yet' : `live: ${label}`);
    },
    showUnapplied(state: Unapplied): void {
      const { short, long } = unappliedText(state);
      setText(pending, short === '' ? '' : `, ${short}`);
      pending.title = long;
      pending.classList.toggle('differs', state.kind === 'different' || state.kind === 'invalid');
    },
    showPeople: (list: readonly Person[]): void => people.replaceChildren(...oncePerUser(list).map(face)),
  };
}

/** A button that opens the browser's file chooser. */
export function fileButton(label: string, onFile: (file: File) => unknown, attributes = {}): HTMLElement {
  const input = make('input', {
    type: 'file',
    accept: '.toml,.json',
    class: 'hidden',
    'aria-label': `${label}: choose a file`,
  });
  input.tabIndex = -1;
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file) onFile(file);
  });
  return make(
    'span',
    {},
    button(label, () => input.click(), attributes),
    input,
  );
}

function stateText(status: SyncStatus): string {
  switch (status.kind) {
    case 'saved':
      return 'Saved';
    case 'saving':
      return 'Saving…';
    case 'offline':
      if (status.unsaved === 0) return 'Offline';
      return status.kept ? 'Offline: your edits wait here' : 'Offline: keep this page open';
    case 'read_only':
      return status.unsaved > 0 ? 'Read only: your last edits wait here' : 'Read only';
    case 'blocked':
      return 'Your edits wait for those of somebody else';
    case 'needs_review':
      return 'Some of your edits wait for you';
    case 'update_required':
      return 'Please update';
    case 'refused':
      return 'Not accepted';
    case 'closed':
      return 'Closed';
  }
}
