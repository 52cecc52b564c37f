// Everything of one open document that the page shows, in one object: the connection and what is read from it.
import type { Client } from '@hakiri/client/client';
import type { ReplicaStore } from '@hakiri/client/replica-store';
import { connectDocument, type DocumentConnection, type SyncStatus } from '@hakiri/client/sync';
import type { Me } from '@hakiri/contracts/auth';
import type { DocId } from '@hakiri/contracts/names';
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { watchArchived } from './archived.ts';
import { type GroupCounts, watchGroupCounts } from './group-counts.ts';
import { type Groups, watchGroups } from './groups.ts';
import { type LiveRevision, watchLiveRevision } from './live-revision.ts';
import { type StandingNotice, watchNotices } from './notices.ts';
import { type People, watchPeople } from './people.ts';
import { type Pipelines, watchPipelines } from './pipelines.ts';
import { steadyStatus } from './steady-status.ts';
import { createStore, type Store } from './store.ts';
import { type Unapplied, watchUnapplied } from './unapplied.ts';
import { type Undo, watchUndo } from './undo.ts';
import { type VariableUses, watchVariableUses } from './variable-uses.ts';
import { type Variables, watchVariables } from './variables.ts';
import { type Waiting, watchWaiting } from './waiting.ts';
import { ownWindowId } from './window-id.ts';

export type Workspace = {
  docId: DocId;
  connection: DocumentConnection;
  status: Store<SyncStatus>;
  /** The same as it is said to people: not saved and saving again with each letter. */
  shownStatus: Store<SyncStatus>;
  /** Whether this person may write here, as far as the server has said. */
  canEdit: Store<boolean>;
  /** The document, when it takes no edits because it is archived. */
  archived: Store<DocumentInfo | undefined>;
  notices: Store<readonly StandingNotice[]>;
  pipelines: Pipelines;
  groups: Groups;
  groupCounts: GroupCounts;
  variables: Variables;
  variableUses: VariableUses;
  people: People;
  /** Of what was done in this window. */
  undo: Undo;
  /** What an Apply would take live, and what it would be refused for. */
  unapplied: Unapplied;
  live: LiveRevision;
  waiting: Waiting;
  close(): void;
};

/** @throws JoinRefused, Unreachable: when the document cannot be had, and no replica of it is here */
export async function openWorkspace(options: {
  client: Client;
  me: Pick<Me, 'user' | 'name' | 'team'>;
  doc: DocId;
  /** Resolves when Loro's WebAssembly is there. */
  loro: Promise<unknown>;
  replicas: ReplicaStore;
  /** The document is another object: everything read from it is out of date. */
  onReplaced(): void;
}): Promise<Workspace> {
  const { client, me, doc: docId } = options;
  const replica = { store: options.replicas, user: me.user };
  const windowId = ownWindowId();
  const connection = await connectDocument({
    client,
    team: me.team,
    doc: docId,
    replica,
    loro: options.loro,
  });
  const own = await windowId;
  const { doc } = connection;
  // What is there now must be stored before everything is read again from it.
  connection.onReplaced(() => void connection.kept().then(options.onReplaced));
  const status = createStore(connection.status());
  const canEdit = createStore(connection.joined.permission === 'write');
  const shownStatus = createStore(connection.status());
  const steady = steadyStatus(shownStatus.set);
  connection.onStatus((now) => {
    status.set(now);
    steady.know(now);
    canEdit.set(connection.joined.permission === 'write' && now.kind !== 'read_only');
  });
  const self = { user: connection.joined.extra?.user ?? me.user, name: me.name };
  const pipelines = watchPipelines(doc);
  const live = watchLiveRevision(client.apply, me.team);
  const parts = {
    pipelines,
    live,
    waiting: watchWaiting(client.requests, live),
    groups: watchGroups(doc),
    groupCounts: watchGroupCounts(pipelines),
    variables: watchVariables(doc),
    variableUses: watchVariableUses(doc, pipelines),
    undo: watchUndo(doc),
    people: watchPeople(connection, self, own),
    unapplied: watchUnapplied({ doc: docId, connection, apply: client.apply, keyNamed: pipelines.keyNamed }),
  };
  const archived = watchArchived(connection, client.documents, docId);
  const notices = watchNotices(doc, connection.notices());
  live.onPublished(() => parts.unapplied.again());
  return {
    docId,
    connection,
    status,
    shownStatus,
    canEdit,
    archived: archived.info,
    notices: notices.list,
    ...parts,
    close() {
      for (const part of Object.values(parts)) part.close();
      archived.close();
      notices.close();
      connection.close();
      steady.close();
    },
  };
}
