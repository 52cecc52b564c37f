// From looking at what would go live to its outcome: one state after the other, free of React. What was looked at is what is applied:
// the version is that of the look, and a change of it in between leads back to looking.
import type { Client } from '@hakiri/client/client';
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { Scope } from '@hakiri/contracts/scope';
import { onDocument } from '../live/document-events.ts';
import { createRequestKey } from '../live/request-key.ts';
import { createStore, type Store } from '../live/store.ts';
import type { Workspace } from '../live/workspace.ts';
import { failureSentence, issuesOf } from '../parts/failure.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import type { ApplyState, Look } from './apply-state.ts';
import { isUnanswered, whatBecameOf } from './lost-answer.ts';
import { touchesScope } from './touches-scope.ts';

const words = changesWords.apply;

export type ApplyChoice = Pick<ApplyBody, 'message' | 'at' | 'timezone' | 'window' | 'latest' | 'override'>;
export type ApplyFlow = {
  state: Store<ApplyState>;
  look(): Promise<void>;
  apply(choice: ApplyChoice): Promise<void>;
  /** After no answer: what became of it. */
  ask(): Promise<void>;
  close(): void;
};

export function createApplyFlow(options: {
  client: { apply: Pick<Client['apply'], 'submit'>; requests: Pick<Client['requests'], 'dryRun' | 'ofKey'> };
  workspace: Pick<Workspace, 'docId'> & {
    connection: Pick<Workspace['connection'], 'doc' | 'status' | 'onStatus' | 'saved' | 'version'>;
    pipelines: Pick<Workspace['pipelines'], 'head'>;
    live: Pick<Workspace['live'], 'onPublished'>;
    unapplied: Pick<Workspace['unapplied'], 'again'>;
    waiting: Pick<Workspace['waiting'], 'again'>;
  };
  scope: Scope;
  /** What became of an Apply whose dialog was closed meanwhile. */
  tell(text: string): void;
}): ApplyFlow {
  const { client, workspace, scope, tell } = options;
  const { connection, live } = workspace;
  const state = createStore<ApplyState>({ kind: 'looking' });
  const key = createRequestKey();
  let questions = 0;
  /** What happened between the question and its answer. */
  let early: Look['outdated'];
  let isClosed = false;
  /** The key of the Apply that was sent last. */
  let sent: string | undefined;

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
  const stopLive = live.onPublished(({ label }) => {
    outdate({ by: 'revision', label });
    void ask();
  });
  const stopStatus = connection.onStatus(({ kind }) => {
    if (kind === 'saved' || kind === 'read_only') void ask();
  });

  async function ask(): Promise<void> {
    const now = state.get();
    if (now.kind !== 'unheard' || sent === undefined) return;
    await settle(await whatBecameOf(client.requests, sent, now.look), sent);
  }

  /** Of what is published everybody hears. */
  function tellOf(now: ApplyState): void {
    if (now.kind === 'waiting') tell(words.queued);
    if (now.kind === 'unheard') tell(words.unheardBehind);
    if (now.kind === 'seen' || now.kind === 'refused') tell(words.failedBehind(failureSentence(now.failure)));
  }

  /** What was asked about earlier may have been answered since. */
  async function settle(next: ApplyState, asked: string): Promise<void> {
    const { kind } = state.get();
    if (sent !== asked || (kind !== 'unheard' && kind !== 'applying')) return;
    if (next.kind === 'seen' || next.kind === 'refused') key.failed(next.failure);
    state.set(next);
    if (isClosed) tellOf(next);
    if (next.kind !== 'published' && next.kind !== 'waiting') return;
    workspace.unapplied.again();
    await workspace.waiting.again();
  }

  /** What is on the screen is what goes live: the server must hold it first. Offline there is nothing to wait for that comes soon. */
  async function savedHere(): Promise<void> {
    if (connection.status().kind === 'offline') throw new Error(words.offline);
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
      const asked = key.of(body);
      sent = asked;
      try {
        const outcome = await client.apply.submit(body, { key: asked });
        void settle(
          outcome.kind === 'published'
            ? { kind: 'published', published: outcome.published }
            : { kind: 'waiting', status: outcome.status },
          asked,
        );
      } catch (failure) {
        if (isUnanswered(failure)) await settle(await whatBecameOf(client.requests, asked, look), asked);
        else if (issuesOf(failure).length > 0) void settle({ kind: 'refused', failure }, asked);
        else void settle({ kind: 'seen', look, failure }, asked);
      }
    },
    ask,
    close() {
      isClosed = true;
      questions += 1;
      stopDocument();
      stopLive();
      stopStatus();
    },
  };
}
