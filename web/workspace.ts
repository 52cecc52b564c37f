// The page of somebody who is signed in: the live document with everything around it.
import type { Client } from '@hakiri/client/client';
import { ApiProblem } from '@hakiri/client/errors';
import { connectDocument, type SyncStatus } from '@hakiri/client/sync';
import { commitEdit, createPipeline, setEnabled } from '@hakiri/config-doc/edit';
import type { Me } from '@hakiri/contracts/auth';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { createApplyBar } from './apply-bar.ts';
import { copyDialog, formDialog } from './dialogs.ts';
import { announce, button, make } from './dom.ts';
import { createPipelineEditor } from './pipeline-editor.ts';
import { createPipelineList } from './pipeline-list.ts';
import { watchPipelines } from './pipeline-rows.ts';
import { createPresence } from './presence.ts';
import { createRevisionsPanel } from './revisions-panel.ts';
import { createTopBar, fileButton } from './top-bar.ts';

export type Workspace = { element: HTMLElement; close(): void };

export async function openWorkspace(client: Client, signOut: () => Promise<void>): Promise<Workspace> {
  const me = await client.auth.me();
  const names = await readNames(client, me);
  const nameOf = (user: string): string => names.get(user) ?? user;
  const connection = await connectDocument({ client, team: me.team, doc: DEFAULT_DOC });
  const { doc } = connection;
  const may = (action: string): boolean => me.actions.includes(action);
  const canEdit = connection.joined.permission === 'write';
  const presence = createPresence(connection, {
    user: connection.joined.extra?.user ?? me.user,
    name: me.name,
  });
  const rows = watchPipelines(doc);
  const ending = new AbortController();
  let open: string | undefined;
  let chosen: ReadonlySet<string> = new Set();

  const bar = createTopBar(
    {
      ...(canEdit ? { create, importFile } : {}),
      ...(may('team.manage') ? { invite: () => invite(client) } : {}),
      signOut,
    },
    { team: me.team, doc: DEFAULT_DOC, who: me.name },
  );
  const editor = createPipelineEditor({ doc, presence, canEdit, close: () => openPipeline(undefined) });
  const list = createPipelineList(
    {
      open: openPipeline,
      enable: (key, on) => void commitEdit(doc, 'page', () => setEnabled(doc, key, on)),
      chosen: (keys) => {
        chosen = keys;
        applyBar.refresh();
      },
    },
    { canEdit },
  );
  const applyBar = createApplyBar({
    doc: DEFAULT_DOC,
    connection,
    apply: client.apply,
    canApply: may('manifest.apply'),
    chosen: () => chosen,
    openIssue,
  });
  const revisions = createRevisionsPanel({ apply: client.apply, nameOf });
  const empty = emptyState(canEdit ? { create, importFile } : undefined);
  const trouble = make('div', { class: 'trouble', role: 'alert' });
  const side = make('aside', {}, editor.element, revisions.element);
  const element = make(
    'div',
    { class: 'workspace' },
    bar.element,
    trouble,
    make('main', {}, make('div', { class: 'main-column' }, applyBar.element, empty, list.element), side),
  );

  function show(): void {
    const all = rows.all();
    const people = presence.people();
    const current = open === undefined ? undefined : rows.get(open);
    if (open !== undefined && !current) openPipeline(undefined);
    empty.hidden = all.length > 0;
    list.element.hidden = all.length === 0;
    editor.element.hidden = current === undefined;
    list.show(all, people, open);
    editor.show(current, people);
    bar.showPeople(people);
  }

  function openPipeline(key: string | undefined): void {
    if (open === key) return;
    const before = open;
    open = key;
    presence.focus(key);
    show();
    if (key !== undefined) editor.focusField('name');
    else if (before !== undefined) list.focus(before);
  }

  function openIssue(path: string): void {
    const [, root, id, field] = path
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const row =
      root === 'pipelines' ? rows.all().find((each) => each.id === id || each.key === id) : undefined;
    if (!row) {
      announce('That is not on this page: mend it with hakictl import.');
      return;
    }
    openPipeline(row.key);
    editor.focusField(path.split('/').slice(3).at(-1) ?? field ?? 'name');
  }

  async function create(): Promise<void> {
    const hint = 'Lower-case letters, digits, dots, hyphens and underscores.';
    const question = { name: 'id', label: 'Id', pattern: '[a-z0-9][a-z0-9_.\\-]{0,99}', hint };
    const { id } = (await formDialog('New pipeline', [question], 'Create')) ?? {};
    if (!id) return;
    const schedule = { kind: 'every', expr: '15m' } as const;
    openPipeline(commitEdit(doc, 'page', () => createPipeline(doc, { id, schedule })));
  }

  async function importFile(file: File): Promise<void> {
    const format = file.name.endsWith('.json') ? 'json' : 'toml';
    try {
      const result = await client.apply.import(await file.text(), { doc: DEFAULT_DOC, format });
      const mend = result.issues?.length
        ? ` Before an apply, ${result.issues.length} things are to be mended.`
        : '';
      announce(
        `Imported ${file.name}: ${result.created.length} new, ${result.updated.length} changed.${mend}`,
      );
      trouble.replaceChildren();
    } catch (error) {
      showTrouble(`${file.name} was not imported. ${sentence(error)}`);
    }
  }

  function showTrouble(text: string, ...more: Node[]): void {
    const dismiss = button('Dismiss', () => trouble.replaceChildren(), { class: 'quiet' });
    trouble.replaceChildren(make('p', {}, text), ...(more.length > 0 ? more : [dismiss]));
  }

  function showStatus(status: SyncStatus): void {
    bar.showState(status);
    if (status.kind !== 'refused') return;
    const what = status.unsaved ? ' Your last edits are not on the server.' : '';
    showTrouble(
      `The server does not take edits from this page any more (${status.code}).${what}`,
      button('Load the current document', () => location.reload(), { class: 'primary' }),
    );
  }

  async function followApplied(): Promise<void> {
    const { signal } = ending;
    try {
      // While apply is away, editing goes on, and so does waiting for news.
      const page = await client.apply.revisions({ limit: 1 }).catch(() => undefined);
      const [latest] = page?.revisions ?? [];
      if (page) bar.showLive(latest?.label);
      const after = page ? { after: latest?.number ?? 0 } : {};
      for await (const { revision } of client.apply.events({ ...after, signal })) {
        bar.showLive(revision.label);
        announce(`${revision.label} applied by ${nameOf(revision.author)}`);
        void revisions.reload();
      }
    } catch (error) {
      if (!signal.aborted) showTrouble(`News of applies has stopped: reload the page. ${sentence(error)}`);
    }
  }

  rows.onChange(show);
  presence.onChange(show);
  connection.onStatus(showStatus);
  show();
  applyBar.refresh();
  void revisions.reload();
  void followApplied();

  return {
    element,
    close() {
      ending.abort();
      presence.close();
      rows.close();
      connection.close();
    },
  };
}

async function readNames(client: Client, me: Me): Promise<Map<string, string>> {
  const members = await client.auth.members().catch(() => []);
  return new Map([[me.user, me.name], ...members.map(({ user, name }) => [user, name] as const)]);
}

async function invite(client: Client): Promise<void> {
  const roles = { name: 'role', label: 'Role', options: ['editor', 'applier', 'viewer', 'admin'] };
  const { name, role } =
    (await formDialog('Invite somebody', [{ name: 'name', label: 'Name' }], 'Make a link', [roles])) ?? {};
  if (!name || (role !== 'editor' && role !== 'applier' && role !== 'viewer' && role !== 'admin')) return;
  try {
    const { code, expiresAt } = await client.auth.createLink({ kind: 'invite', name, role });
    const until = new Date(expiresAt).toLocaleString();
    await copyDialog(
      'Invitation',
      `${location.origin}/#code=${code}`,
      `For ${name}. It works once, until ${until}.`,
    );
  } catch (error) {
    announce(`No link was made. ${sentence(error)}`);
  }
}

function emptyState(
  actions: { create(): unknown; importFile(file: File): unknown } | undefined,
): HTMLElement {
  const ways = actions
    ? [
        make(
          'p',
          {},
          'Import a hakiri.toml to begin with (the repository has one in examples), or make the first pipeline here.',
        ),
        make(
          'div',
          { class: 'actions' },
          fileButton('Import hakiri.toml', actions.importFile, { class: 'primary' }),
          button('New pipeline', actions.create),
        ),
      ]
    : [make('p', {}, 'Somebody with the role editor can make the first one.')];
  return make('section', { class: 'panel empty' }, make('h2', {}, 'No pipelines yet'), ...ways);
}

function sentence(error: unknown): string {
  if (error instanceof ApiProblem) {
    const [first] = error.problem.issues ?? [];
    return first ? `${error.problem.detail} ${first.path}: ${first.message}` : error.problem.detail;
  }
  return error instanceof Error ? error.message : String(error);
}
