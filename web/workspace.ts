// The page of somebody who is signed in: the live document with everything around it.
import type { Client } from '@hakiri/client/client';
import { createBrowserReplicas } from '@hakiri/client/replica-idb';
import { connectDocument, type SyncStatus } from '@hakiri/client/sync';
import { commitEdit, createPipeline, setEnabled } from '@hakiri/config-doc/edit';
import type { Me } from '@hakiri/contracts/auth';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { createApplyBar } from './apply-bar.ts';
import { copyDialog, formDialog } from './dialogs.ts';
import { announce, button, make } from './dom.ts';
import { issuePlace } from './issue-path.ts';
import { askForPipeline } from './new-pipeline.ts';
import { createPipelineEditor } from './pipeline-editor.ts';
import { createPipelineList } from './pipeline-list.ts';
import { watchPipelines } from './pipeline-rows.ts';
import { createPresence } from './presence.ts';
import { problemWithFirstIssue } from './problem-sentences.ts';
import { reviewPanel } from './review-panel.ts';
import { createRevisionsPanel } from './revisions-panel.ts';
import { createTopBar, fileButton } from './top-bar.ts';
import { type Unapplied, watchUnapplied } from './unapplied.ts';

export type Workspace = { element: HTMLElement; close(): void };

export async function openWorkspace(client: Client, signOut: () => Promise<void>): Promise<Workspace> {
  const me = await client.auth.me();
  const names = await readNames(client, me);
  const nameOf = (user: string): string => names.get(user) ?? user;
  const replica = { store: createBrowserReplicas(), user: me.user };
  const connection = await connectDocument({ client, team: me.team, doc: DEFAULT_DOC, replica });
  const { doc } = connection;
  // Everything here hangs on the document. The replica is stored, so a new page has all of it at once.
  connection.onReplaced(() => void connection.kept().then(() => location.reload()));
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
  let remarks: ReadonlyMap<string, string> = new Map();

  const bar = createTopBar(
    {
      ...(canEdit ? { create, importFile } : {}),
      ...(may('team.manage') ? { invite: () => invite(client) } : {}),
      signOut,
    },
    { team: me.team, doc: DEFAULT_DOC, who: me.name },
  );
  const editor = createPipelineEditor({
    doc,
    presence,
    canEdit,
    isTaken,
    close: () => openPipeline(undefined),
  });
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
    applied: () => unapplied?.again(),
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
    element.classList.toggle('editing', current !== undefined);
    list.show(all, people, open, remarks);
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
    const place = issuePlace(path);
    const row = place.kind === 'field' ? rowNamed(place.pipeline) : undefined;
    if (place.kind === 'elsewhere') announce(place.sentence);
    else if (!row) announce(`There is no pipeline ${place.pipeline} here any more.`);
    else {
      openPipeline(row.key);
      editor.focusField(place.field);
    }
  }

  /** An issue names a pipeline by its id, and by its key where the id is not the only one. */
  function rowNamed(name: string) {
    return rows.all().find(({ id, key }) => id === name || key === name);
  }

  function isTaken(id: string, key?: string): boolean {
    return rows.all().some((row) => row.id === id && row.key !== key);
  }

  async function create(): Promise<void> {
    const pipeline = await askForPipeline((id) => isTaken(id));
    if (pipeline) openPipeline(commitEdit(doc, 'page', () => createPipeline(doc, pipeline)));
  }

  function showUnapplied(state: Unapplied): void {
    bar.showUnapplied(state);
    applyBar.showUnapplied(state);
    // While it is being asked again, the last answer stays in the list: marks that come and go at every key help nobody.
    if (state.kind === 'comparing') return;
    remarks = remarksOf(state);
    show();
  }

  function remarksOf(state: Unapplied): Map<string, string> {
    if (state.kind === 'different') return new Map(state.pipelines.map(({ key }) => [key, 'not applied']));
    if (state.kind !== 'invalid') return new Map();
    return new Map(state.pipelines.map((name) => [rowNamed(name)?.key ?? name, 'to mend before Apply']));
  }

  async function importFile(file: File): Promise<void> {
    const format = file.name.endsWith('.json') ? 'json' : 'toml';
    try {
      const result = await client.apply.import(await file.text(), { doc: DEFAULT_DOC, format });
      const issues = result.issues?.length ?? 0;
      const mend =
        issues > 0 ? ` Before an apply, mend ${issues === 1 ? 'one issue' : `${issues} issues`}.` : '';
      announce(
        `Imported ${file.name}: ${result.created.length} new, ${result.updated.length} changed.${mend}`,
      );
      trouble.replaceChildren();
    } catch (error) {
      showTrouble(`${file.name} was not imported. ${problemWithFirstIssue(error)}`);
    }
  }

  function showTrouble(text: string, ...more: Node[]): void {
    const dismiss = button('Dismiss', () => trouble.replaceChildren(), { class: 'quiet' });
    trouble.replaceChildren(make('p', {}, text), ...(more.length > 0 ? more : [dismiss]));
  }

  function showStatus(status: SyncStatus): void {
    bar.showState(status);
    const reload = (label: string): HTMLElement =>
      button(label, () => location.reload(), { class: 'primary' });
    if (status.kind === 'update_required')
      showTrouble('This page is older than the server. Please update it.', reload('Update the page'));
    if (status.kind === 'needs_review') trouble.replaceChildren(reviewPanel(status.patch, connection));
    const review = (): Promise<void> =>
      connection.review().catch((error) => showTrouble(problemWithFirstIssue(error)));
    if (status.kind === 'blocked')
      showTrouble(
        'Your last edits build on those of somebody who has not come back yet. They leave as soon as that happens.',
        button('Do not wait', review),
      );
    if (status.kind !== 'refused') return;
    const what = status.unsaved > 0 ? ' Your last edits are not on the server.' : '';
    const giveUp = (): Promise<void> => connection.forget().then(() => location.reload());
    showTrouble(
      `The server does not take edits from this page any more (${status.code}).${what}`,
      reload('Try again'),
      ...(status.unsaved > 0
        ? [button('Look at my last edits', review), button('Give them up', giveUp)]
        : []),
    );
  }

  async function followApplied(): Promise<void> {
    const { signal } = ending;
    try {
      // While apply is away, editing goes on, and so does waiting for news.
      const page = await client.apply.revisions({ limit: 1 }).catch(() => undefined);
      const [latest] = page?.revisions ?? [];
      if (page) bar.showLive(latest?.label);
      const after = page ? { after: latest?.sequence ?? 0 } : {};
      for await (const { revision } of client.apply.events({ ...after, signal })) {
        bar.showLive(revision.label);
        announce(`${revision.label} applied by ${nameOf(revision.author)}`);
        void revisions.reload();
        unapplied?.again();
      }
    } catch (error) {
      if (!signal.aborted)
        showTrouble(`News of applies has stopped: reload the page. ${problemWithFirstIssue(error)}`);
    }
  }

  rows.onChange(show);
  presence.onChange(show);
  connection.onStatus(showStatus);
  show();
  applyBar.refresh();
  const unapplied = may('manifest.apply')
    ? watchUnapplied({ doc: DEFAULT_DOC, connection, apply: client.apply, onChange: showUnapplied })
    : undefined;
  void revisions.reload();
  void followApplied();

  return {
    element,
    close() {
      ending.abort();
      unapplied?.close();
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
    announce(`No link was made. ${problemWithFirstIssue(error)}`);
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
