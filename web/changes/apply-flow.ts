// From looking at what would go live to its outcome: one state after the other, free of React. What was looked at is what is applied:
// the version is that of the look, and a change of it in between leads back to looking.
import type { Published, WaitingApply } from '@hakiri/client/apply';
import type { Client } from '@hakiri/client/client';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { DryRun } from '@hakiri/contracts/approval';
import type { Scope } from '@hakiri/contracts/scope';
import { onDocument } from '../live/document-events.ts';
import { createRequestKey } from '../live/request-key.ts';
import { createStore, type Store } from '../live/store.ts';
import type { Workspace } from '../live/workspace.ts';
import { issuesOf } from '../parts/failure.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { touchesScope } from './touches-scope.ts';

/** `outdated`: by an edit in the scope, or by a revision of this label. */
export type Look = {
  dryRun: DryRun;
  version: string;
  outdated?: { by: 'edit' } | { by: 'revision'; label: string };
};
export type ApplyState =
  | { kind: 'looking' }
  | { kind: 'seen'; look: Look; failure?: unknown }
  /** It cannot even be looked at: there are issues, or nobody answers. */
  | { kind: 'refused'; failure: unknown }
  | { kind: 'applying'; look: Look }
  | { kind: 'published'; published: Published }
  | { kind: 'waiting'; status: WaitingApply };

export type ApplyChoice = Pick<ApplyBody, 'message' | 'at' | 'timezone' | 'window' | 'latest' | 'override'>;
export type ApplyFlow = {
  state: Store<ApplyState>;
  look(): Promise<void>;
  apply(choice: ApplyChoice): Promise<void>;
  close(): void;
};

export function createApplyFlow(options: {
  client: Pick<Client, 'apply' | 'requests'>;
  workspace: Pick<Workspace, 'docId' | 'connection' | 'pipelines' | 'live' | 'unapplied' | 'waiting'>;
  scope: Scope;
}): ApplyFlow {
  const { client, workspace, scope } = options;
  const { connection, live } = workspace;
  const state = createStore<ApplyState>({ kind: 'looking' });
  const key = createRequestKey();
  let questions = 0;
  /** What happened between the question and its answer. */
  let early: Look['outdated'];

  function outdate(outdated: NonNullable<Look['outdated']>): void {
    const now = state.get();
    if (now.kind === 'looking') early ??= outdated;
    if (now.kind !== 'seen' || now.look.outdated !== undefined) return;
    state.set({ ...now, look: { ...now.look, outdated } });
  }

  const stopDocument = onDocument(connection.doc, ({ events }) => {
    const headOf = (key: string) => workspace.pipelines.head(key);
    if (events.some(({ path, diff }) => touchesScope(scope, path, diff, headOf))) outdate({ by: 'edit' });
  });
  const stopLive = live.onPublished(({ label }) => outdate({ by: 'revision', label }));

  /** What is on the screen is what goes live: the server must hold it first. Offline there is nothing to wait for that comes soon. */
  async function savedHere(): Promise<void> {
    if (connection.status().kind === 'offline') throw new Error(changesWords.apply.offline);
    await connection.saved();
  }

  return {
    state,
    async look() {
      const question = ++questions;
      state.set({ kind: 'looking' });
      try {
        await savedHere();
        const version = connection.version();
        early = undefined;
        const dryRun = await client.requests.dryRun({ doc: workspace.docId, scope, version });
        if (question !== questions) return;
        state.set({ kind: 'seen', look: { dryRun, version, ...(early ? { outdated: early } : {}) } });
      } catch (failure) {
        if (question === questions) state.set({ kind: 'refused', failure });
      }
    },
    async apply(choice) {
      const now = state.get();
      if (now.kind !== 'seen') return;
      const { look } = now;
      state.set({ kind: 'applying', look });
      const body: ApplyBody = { doc: workspace.docId, scope, version: look.version, ...choice };
      try {
        const outcome = await client.apply.submit(body, { key: key.of(body) });
        if (outcome.kind === 'published') state.set({ kind: 'published', published: outcome.published });
        else state.set({ kind: 'waiting', status: outcome.status });
        workspace.unapplied.again();
        void workspace.waiting.again();
      } catch (failure) {
        key.failed(failure);
        state.set(
          issuesOf(failure).length > 0 ? { kind: 'refused', failure } : { kind: 'seen', look, failure },
        );
      }
    },
    close() {
      questions += 1;
      stopDocument();
      stopLive();
    },
  };
}
