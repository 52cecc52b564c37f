// What was applied: the revisions, newest first, and for each what it changed.
import type { ApplyClient } from '@hakiri/client/apply';
import type { FieldChange, PipelineChange } from '@hakiri/contracts/apply';
import type { Revision } from '@hakiri/contracts/revision';
import { button, make } from './dom.ts';

const SHOWN = 20;

export function createRevisionsPanel(options: { apply: ApplyClient; nameOf(user: string): string }) {
  const list = make('ol', { class: 'revisions' });
  const note = make('p', { class: 'hint' });
  const more = button('Older revisions', () => load(oldest));
  let oldest: number | undefined;
  more.hidden = true;

  async function load(before?: number): Promise<void> {
    try {
      const page = await options.apply.revisions({
        limit: SHOWN,
        ...(before === undefined ? {} : { before }),
      });
      const items = page.revisions.map((revision) => revisionItem(revision, options));
      if (before === undefined) list.replaceChildren(...items);
      else list.append(...items);
      note.textContent = list.children.length === 0 ? 'Nothing is applied yet.' : '';
      oldest = page.next;
      more.hidden = oldest === undefined;
    } catch (error) {
      note.textContent = `The revisions cannot be read. ${error instanceof Error ? error.message : ''}`;
    }
  }

  const element = make(
    'section',
    { class: 'panel', 'aria-label': 'Revisions' },
    make('h2', {}, 'Revisions'),
    note,
    list,
    more,
  );
  return { element, reload: () => load() };
}

function revisionItem(
  revision: Revision,
  { apply, nameOf }: { apply: ApplyClient; nameOf(user: string): string },
): HTMLLIElement {
  const diff = make('div', { class: 'diff' });
  const opener = make(
    'details',
    {},
    make(
      'summary',
      {},
      make('strong', {}, revision.label),
      ` ${revision.message || 'no message'}`,
      make('span', { class: 'hint' }, `${nameOf(revision.author)}, ${moment(revision.publishedAt)}`),
    ),
    diff,
  );
  opener.addEventListener('toggle', async () => {
    if (!opener.open || diff.children.length > 0) return;
    try {
      const { pipelines, variables } = await apply.diff(undefined, revision.label);
      const parts = [
        ...pipelines.map((change) => changeItem(change, '')),
        ...variables.map((change) => changeItem(change, 'variable ')),
      ];
      diff.replaceChildren(
        parts.length === 0 ? make('p', { class: 'hint' }, 'No difference.') : make('ul', {}, ...parts),
      );
    } catch (error) {
      diff.textContent = error instanceof Error ? error.message : String(error);
    }
  });
  return make('li', {}, opener);
}

function changeItem(change: PipelineChange, what: string): HTMLElement {
  const title = make(
    'span',
    { class: `change ${change.kind}` },
    `${change.kind} ${what}`,
    make('b', {}, change.id),
  );
  if (change.kind !== 'changed') return make('li', {}, title);
  return make('li', {}, title, make('ul', {}, ...change.fields.map(fieldItem)));
}

function fieldItem({ path, before, after }: FieldChange): HTMLElement {
  const value = (tag: 'del' | 'ins', shown: unknown): Node[] =>
    shown === undefined
      ? []
      : [make(tag, { class: 'code' }, typeof shown === 'string' ? shown : JSON.stringify(shown))];
  return make(
    'li',
    {},
    make('span', { class: 'code path' }, path),
    ...value('del', before),
    ...value('ins', after),
  );
}

function moment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
