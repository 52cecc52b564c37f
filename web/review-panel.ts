// Edits that the server could not take as they were: what they were, field by field, to take or to let go.
import type { DocumentConnection, SyncStatus } from '@hakiri/client/sync';
import { announce, button, make } from './dom.ts';

type Patch = Extract<SyncStatus, { kind: 'needs_review' }>['patch'];

const SHOWN_LIMIT = 50;

export function reviewPanel(
  patch: Patch,
  connection: Pick<DocumentConnection, 'applyPatch' | 'dropPatch'>,
): HTMLElement {
  const panel = make(
    'section',
    {},
    make(
      'p',
      {},
      'The server could not merge these edits by itself. Look at them, then take them or let them go.',
    ),
    make('ul', {}, ...patch.slice(0, SHOWN_LIMIT).map((change) => make('li', {}, sentence(change)))),
    ...(patch.length > SHOWN_LIMIT ? [make('p', {}, `And ${patch.length - SHOWN_LIMIT} more.`)] : []),
    make(
      'div',
      { class: 'actions' },
      button('Take my edits', take, { class: 'primary' }),
      button('Let them go', drop),
    ),
  );
  function take(): void {
    const changed = connection.applyPatch();
    panel.remove();
    announce(changed === 1 ? 'One entry changed.' : `${changed} entries changed.`);
  }
  function drop(): void {
    connection.dropPatch();
    panel.remove();
  }
  return panel;
}

function sentence({ name, path, before, mine, isOthers }: Patch[number]): string {
  const whose = isOthers ? ' (by somebody else, not sent yet)' : '';
  if (path.length === 0) return `${name}: ${mine === undefined ? 'deleted' : 'made'}${whose}`;
  return `${name}, ${path.join('.')}: ${text(before)} → ${text(mine)}${whose}`;
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
