// How the document differs from what is live, and what would be refused of it: asked of the server when edits have settled, while
// somebody looks at the page. Until the next answer the last one stays: marks that come and go at every key help nobody.
import type { ApplyClient, PendingChanges } from '@hakiri/client/apply';
import { ApiProblem } from '@hakiri/client/errors';
import type { DocumentConnection } from '@hakiri/client/sync';
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { DocId } from '@hakiri/contracts/names';
import { onDocument } from './document-events.ts';
import { changedMarks, type Mark, marksOf } from './marks.ts';
import { createStore, createTopics, type Store } from './store.ts';

export type UnappliedState = {
  /** Whether the rest is true of the document as it is now; `unknown`: nobody answers. */
  kind: 'now' | 'comparing' | 'unknown';
  /** Undefined before the first answer. */
  pending: PendingChanges | undefined;
  /** Of the whole document. */
  issues: readonly ConfigIssue[];
};

export type Unapplied = {
  state: Store<UnappliedState>;
  /** By pipeline key. Told anew as a whole after each answer that is another. */
  marks: Store<ReadonlyMap<string, Mark>>;
  mark(key: string): Mark | undefined;
  /** Told when the mark of this pipeline is another. */
  subscribe(key: string, listener: () => void): () => void;
  /** Something was applied or discarded: asks at once. */
  again(): void;
  close(): void;
};

const SETTLE_MS = 1_000;
/** Where somebody always edits it is asked all the same, this often. */
const PATIENCE_MS = 15_000;
const RETRY_LIMIT_MS = 60_000;
const SILENCE_MS = 3_000;
/** So often a document that takes no edits may refuse before nothing is asked until it changes. */
const REFUSED_LIMIT = 3;

export function watchUnapplied(options: {
  doc: DocId;
  connection: DocumentConnection;
  apply: Pick<ApplyClient, 'pending' | 'validate'>;
  /** The key of a pipeline by its id or its key. */
  keyNamed(name: string): string | undefined;
}): Unapplied {
  const { connection, apply } = options;
  const state = createStore<UnappliedState>({ kind: 'comparing', pending: undefined, issues: [] });
  const marks = createStore<ReadonlyMap<string, Mark>>(new Map());
  const topics = createTopics();
  let outdatedSince: number | undefined = performance.now();
  let asking = false;
  let failures = 0;
  /** While nothing can be edited, the same question would get the same answer. */
  let isRefused = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  const openedAt = performance.now();

  const say = (kind: UnappliedState['kind']): void => {
    if (state.get().kind !== kind) state.set({ ...state.get(), kind });
  };

  function askIn(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), delayMs);
  }

  function askWhenSettled(since: number): void {
    askIn(Math.min(SETTLE_MS, Math.max(0, since + PATIENCE_MS - performance.now())));
  }

  function touched(): void {
    outdatedSince ??= performance.now();
    isRefused = false;
    sayHowKnown();
    askWhenSettled(outdatedSince);
  }

  /** A connection that is about to be made is no silence: only after a while it is said that nobody answers. */
  function sayHowKnown(): void {
    const isSilent = !isReachable() && performance.now() - openedAt > SILENCE_MS;
    say(isSilent ? 'unknown' : 'comparing');
  }

  function isReachable(): boolean {
    const { kind } = connection.status();
    return kind === 'saved' || kind === 'saving' || kind === 'read_only';
  }

  /** Nothing of ours is on its way: what the server says is true of what is shown here. */
  function isSettled(): boolean {
    const { kind } = connection.status();
    return kind === 'saved' || kind === 'read_only';
  }

  async function ask(): Promise<void> {
    // Each of these, when it ends, asks again.
    if (outdatedSince === undefined || asking || closed || document.hidden || !isSettled()) return;
    asking = true;
    outdatedSince = undefined;
    try {
      const version = connection.version();
      const [pending, { issues }] = await Promise.all([
        apply.pending(options.doc),
        apply.validate({ doc: options.doc, scope: { kind: 'all' }, version }),
      ]);
      failures = 0;
      if (!closed) tell(pending, issues);
    } catch (error) {
      outdatedSince = performance.now();
      failures += 1;
      // An archived document, or one of whose edits some will not be sent: the last answer stays, until it is edited again.
      const isReadOnly = isConflict(error) && connection.status().kind === 'read_only';
      isRefused = isReadOnly && failures >= REFUSED_LIMIT;
      if (!closed) say(isReadOnly ? 'now' : 'unknown');
    } finally {
      asking = false;
      if (outdatedSince !== undefined && !closed && !isRefused)
        askIn(Math.min(SETTLE_MS * 2 ** failures, RETRY_LIMIT_MS));
    }
  }

  function tell(pending: PendingChanges, issues: readonly ConfigIssue[]): void {
    const before = marks.get();
    const after = marksOf(pending.pipelines, issues, options.keyNamed);
    const changed = changedMarks(before, after);
    state.set({ kind: outdatedSince === undefined ? 'now' : 'comparing', pending, issues });
    if (changed.length === 0) return;
    marks.set(after);
    for (const key of changed) topics.tell(key);
  }

  const unsubscribe = onDocument(connection.doc, touched);
  const stopNews = connection.notices().onPending(touched);
  const stopStatus = connection.onStatus(({ kind }) => {
    if (kind !== 'read_only') isRefused = false;
    if (kind === 'offline' || kind === 'refused') {
      // What others do meanwhile is not known either.
      outdatedSince ??= performance.now();
      sayHowKnown();
    }
    if (isSettled() && outdatedSince !== undefined) {
      sayHowKnown();
      askWhenSettled(outdatedSince);
    }
  });
  const onVisible = (): void => {
    if (!document.hidden && outdatedSince !== undefined) askIn(0);
  };
  document.addEventListener('visibilitychange', onVisible);
  const silence = setTimeout(() => isReachable() || say('unknown'), SILENCE_MS);
  touched();

  return {
    state,
    marks,
    mark: (key) => marks.get().get(key),
    subscribe: topics.subscribe,
    again() {
      touched();
      askIn(0);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(silence);
      unsubscribe();
      stopNews();
      stopStatus();
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.status === 409;
}
