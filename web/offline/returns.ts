// Notices when somebody left the server's reach and came back with edits, across reloads, and asks the history what met what.
import type { DocumentsClient } from '@hakiri/client/documents';
import { ApiProblem } from '@hakiri/client/errors';
import type { DocumentConnection } from '@hakiri/client/sync';
import { pauseUntilWoken } from '@hakiri/client/wait';
import { DocVersion } from '@hakiri/contracts/names';
import { Type } from '@sinclair/typebox';
import { Check } from '@sinclair/typebox/value';
import { createStore, type Store } from '../live/store.ts';
import type { Workspace } from '../live/workspace.ts';
import { historySince, versionAtServer } from './since.ts';
import { type Summary, summarize } from './summary.ts';

export type Return = Summary;
export type Returns = { last: Store<Return | undefined>; dismiss(): void; close(): void };

/** Where an absence outlives a reload. */
type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A connection that was away for less is no absence. */
const ABSENCE_MS = 10_000;
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LIMIT_MS = 60_000;
const TOO_MANY_REQUESTS = 429;

/**
 * Undefined: there with everything sent. `version` is what the server had then; `edited`: something was typed meanwhile. The time is
 * this device's, and says how long it was alone.
 */
type Absence = { sinceMs: number; version: DocVersion; edited: boolean } | undefined;

export function watchReturns(
  {
    docId,
    connection,
    status,
  }: Pick<Workspace, 'docId' | 'status'> & {
    connection: Pick<DocumentConnection, 'onStatus' | 'version'> & { doc: { peerIdStr: string } };
  },
  {
    documents,
    user,
    kept = localStorage,
    now = Date.now,
    wait = pauseUntilWoken,
  }: {
    documents: Pick<DocumentsClient, 'history'>;
    user: string;
    kept?: Kept;
    now?: () => number;
    wait?: (durationMs: number, signal: AbortSignal) => Promise<void>;
  },
): Returns {
  const place = `hakiri.away.${user}.${docId}`;
  const last = createStore<Return | undefined>(undefined);
  let absence = loadAbsence(kept, place);
  let telling: AbortController | undefined;

  function note(next: Absence): void {
    if (next?.edited === absence?.edited && next?.sinceMs === absence?.sinceMs) return;
    absence = next;
    if (next) kept.setItem(place, JSON.stringify(next));
    else kept.removeItem(place);
  }

  function begin(unsaved: number): NonNullable<Absence> {
    const version = versionAtServer(connection.version(), connection.doc.peerIdStr, unsaved);
    return { sinceMs: now(), version, edited: false };
  }

  /** The absence is over once its history was told: a server that has just come back may not answer the first question. */
  async function tell(version: DocVersion, { signal }: AbortController): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const entries = await historySince(documents, docId, version);
        if (signal.aborted) return;
        note(undefined);
        const summary = summarize(entries, user);
        if (summary.mine.length > 0) last.set(summary);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isFinal(error)) return note(undefined);
        await wait(Math.min(AGAIN_LIMIT_MS, AGAIN_FIRST_MS * 2 ** Math.min(attempt, 20)), signal);
      }
    }
  }

  function stopTelling(): void {
    telling?.abort();
    telling = undefined;
  }

  function look(): void {
    const { kind, ...rest } = status.get();
    const unsaved = 'unsaved' in rest ? rest.unsaved : 0;
    if (kind === 'offline') {
      // Away again before it was told: one absence, told at the next return.
      stopTelling();
      note({ ...(absence ?? begin(unsaved)), edited: absence?.edited === true || unsaved > 0 });
    }
    if (kind !== 'saved' || !absence || telling) return;
    if (!absence.edited || now() - absence.sinceMs < ABSENCE_MS) {
      note(undefined);
      return;
    }
    const mine = new AbortController();
    telling = mine;
    void tell(absence.version, mine).finally(() => {
      if (telling === mine) telling = undefined;
    });
  }

  const stop = connection.onStatus(look);
  look();
  return {
    last,
    dismiss: () => last.set(undefined),
    close() {
      stop();
      stopTelling();
    },
  };
}

/** This person may not know, or there is nothing to know: asking again would change nothing. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const { status } = error.problem;
  return status < 500 && status !== TOO_MANY_REQUESTS;
}

const Noted = Type.Object({ sinceMs: Type.Number(), version: DocVersion, edited: Type.Boolean() });

function loadAbsence(kept: Kept, place: string): Absence {
  try {
    const value: unknown = JSON.parse(kept.getItem(place) ?? 'null');
    return Check(Noted, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
