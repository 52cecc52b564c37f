// What is live: the newest revision of the team, and news of each that is applied, whoever did it. Of several tabs one alone holds
// the event stream, as a browser opens six connections to a server and no more; it tells the others. Without locks (plain http)
// each tab holds its own.
import type { ApplyClient } from '@hakiri/client/apply';
import { ApiProblem, Unreachable } from '@hakiri/client/errors';
import { backoffMs, pauseUntilWoken } from '@hakiri/client/wait';
import { AppliedData } from '@hakiri/contracts/apply';
import type { TeamId } from '@hakiri/contracts/names';
import type { Revision } from '@hakiri/contracts/revision';
import { Check } from '@sinclair/typebox/value';
import { createStore, type Store } from './store.ts';

export type LatestRevision =
  /** Nobody has answered yet. */
  { kind: 'unknown' } | { kind: 'none' } | { kind: 'revision'; revision: Revision };

export type LiveRevision = {
  latest: Store<LatestRevision>;
  /** Called with each revision that is published from now on, in order. Returns how to stop it. */
  onPublished(listener: (revision: Revision) => void): () => void;
  /** Whether of all tabs this is the one that tells: it holds the stream. */
  isTeller(): boolean;
  close(): void;
};

/** Where the server refuses it is asked less often than where nobody answers. */
const REFUSED_FIRST_MS = 1_000;
const REFUSED_LIMIT_MS = 60_000;
const UNAUTHENTICATED = 401;
/** Of what is told before the first answer, the newest. */
const EARLY_LIMIT = 100;

export function watchLiveRevision(
  apply: Pick<ApplyClient, 'revisions' | 'events'>,
  team: TeamId,
  wait: (durationMs: number, signal: AbortSignal) => Promise<void> = pauseUntilWoken,
): LiveRevision {
  const latest = createStore<LatestRevision>({ kind: 'unknown' });
  const listeners = new Set<(revision: Revision) => void>();
  const ending = new AbortController();
  const { signal } = ending;
  const name = `hakiri-applied/${team}`;
  const channel = new BroadcastChannel(name);
  let isTeller = false;
  /** Told by another tab while the first answer is on its way: that one may be older. */
  let early: Revision[] = [];

  function take(revision: Revision): void {
    const now = latest.get();
    if (now.kind === 'unknown') {
      early = [...early, revision].slice(-EARLY_LIMIT);
      return;
    }
    if (now.kind === 'revision' && now.revision.sequence >= revision.sequence) return;
    latest.set({ kind: 'revision', revision });
    for (const listener of [...listeners]) listener(revision);
  }

  channel.addEventListener('message', ({ data }) => {
    if (Check(AppliedData, data)) take(data.revision);
  });

  /** False when it is over: the session ended, which is said elsewhere, or the page goes away. */
  async function readLatest(): Promise<boolean> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const [revision] = (await apply.revisions({ limit: 1 })).revisions;
        latest.set(revision === undefined ? { kind: 'none' } : { kind: 'revision', revision });
        for (const told of early.splice(0)) take(told);
        return true;
      } catch (error) {
        if (isOver(error)) return false;
        await wait(againMs(error, attempt), signal);
      }
    }
    return false;
  }

  async function listen(): Promise<void> {
    isTeller = true;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const now = latest.get();
      const after = now.kind === 'revision' ? now.revision.sequence : 0;
      try {
        for await (const data of apply.events({ after, signal })) {
          attempt = 0;
          take(data.revision);
          channel.postMessage(data);
        }
      } catch (error) {
        if (isOver(error)) return;
        await wait(againMs(error, attempt), signal);
      }
    }
  }

  async function run(): Promise<void> {
    if (!(await readLatest())) return;
    if (navigator.locks) await navigator.locks.request(name, { signal }, listen).catch(() => {});
    else await listen();
  }
  void run();

  return {
    latest,
    onPublished(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isTeller: () => isTeller && !signal.aborted,
    close() {
      ending.abort();
      channel.close();
      listeners.clear();
    },
  };
}

/** Every other refusal may pass: a role that comes back, a gateway without the path for a while, too many questions. */
function isOver(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.status === UNAUTHENTICATED;
}

function againMs(error: unknown, attempt: number): number {
  if (error instanceof Unreachable) return backoffMs(attempt);
  return Math.min(REFUSED_LIMIT_MS, REFUSED_FIRST_MS * 2 ** Math.min(attempt, 20));
}
